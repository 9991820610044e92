import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../../../base/time/clock.ts';
import {
  READ_BUFFER_BYTES,
  type TurnConsumer,
  type TurnQueue,
} from '../../../base/time/turn-queue.ts';
import {
  socketPlace,
  type Connection,
  type ConnectionPlace,
  type ConnectionSurroundings,
  type ConnectionUser,
} from '../connection.ts';
import type { TlsClient } from './tls-client.ts';
import { tlsFailure } from './tls-failure.ts';

/** What is said in the clear before the handshake, by protocols that ask whether it may begin. */
export interface ClearOpening {
  /** Written as Latin-1. */
  readonly request: string;
  /** Why one byte is no agreement; undefined where it is. */
  refusal(answer: number): string | undefined;
}

/** The server would not choose one of the protocols that we named (RFC 7301 section 3.2). */
const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/**
 * One connection over TLS. It is connected when the handshake is done and the certificate is
 * accepted. A stamp is that of the callback in which Node hands over decrypted bytes, a record of
 * at most 16 KiB each.
 */
export class TlsConnection implements Connection, TurnConsumer {
  failure: string | undefined;
  handshakeNs = Number.NaN;

  #socket: Socket;
  readonly #clock: Clock;
  readonly #turns: TurnQueue;
  readonly #client: TlsClient;
  #user: ConnectionUser | undefined;
  #tcpConnectedNs = Number.NaN;
  #isSecure = false;
  #hasEnded = false;
  #chunksWaiting = 0;

  constructor(
    place: ConnectionPlace,
    user: ConnectionUser,
    surroundings: ConnectionSurroundings,
    client: TlsClient,
    opening?: ClearOpening,
  ) {
    this.#user = user;
    this.#clock = surroundings.clock;
    this.#turns = surroundings.turns;
    this.#client = client;
    if (opening === undefined) {
      // Node takes `onread` here as net.connect does, though its types do not say so.
      const onread = { buffer: surroundings.turns.readBuffer, callback: this.#read };
      const options = { ...socketPlace(place), ...client.connectionOptions, onread };
      const socket = connect(options);
      this.#socket = socket;
      this.#listen(socket);
      this.#listenForTls(socket);
    } else {
      this.#socket = connectPlain(socketPlace(place));
      this.#listen(this.#socket);
      this.#askInClear(this.#socket, opening);
    }
    this.#socket.setNoDelay(true);
  }

  get isIdle(): boolean {
    return this.#isSecure && !this.#hasEnded && this.#chunksWaiting === 0;
  }

  get hasMore(): boolean {
    return this.#chunksWaiting > 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(payload: string | Buffer, whenWritten?: () => void): void {
    if (typeof payload === 'string') this.#socket.write(payload, 'latin1', whenWritten);
    else this.#socket.write(payload, whenWritten);
  }

  destroy(): void {
    this.#user = undefined;
    this.#socket.destroy();
  }

  takeBytes(bytes: Buffer, from: number, to: number, stampNs: number): void {
    if (this.#chunksWaiting > 0) this.#chunksWaiting--;
    this.#user?.received(this, bytes, from, to, stampNs);
  }

  takeEnd(stampNs: number): void {
    this.#user?.ended(this, stampNs);
  }

  #listen(socket: Socket): void {
    socket.on('connect', () => (this.#tcpConnectedNs = this.#clock.nowNs()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { expectedName } = this.#client;
      const refused = error.code === NO_PROTOCOL ? this.#client.refusal(false) : undefined;
      this.failure ??= refused ?? tlsFailure(error, { expectedName, isSecure: this.#isSecure });
    });
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  #listenForTls(socket: TLSSocket): void {
    socket.on('secureConnect', () => this.#secured(socket));
    socket.on('session', (session) => this.#client.keepSession(session));
  }

  #askInClear(socket: Socket, { request, refusal }: ClearOpening): void {
    socket.on('connect', () => socket.write(request, 'latin1'));
    socket.once('data', (answer: Buffer) => {
      // Bytes behind the answer would be taken for decrypted ones (CVE-2021-23222).
      const refused = answer.length === 1 ? refusal(answer[0]!) : 'more said in clear than asked';
      if (refused === undefined) this.#secure(socket);
      else this.#refuse(refused);
    });
  }

  #secure(plain: Socket): void {
    const socket = connect({ socket: plain, ...this.#client.connectionOptions });
    this.#socket = socket;
    this.#listen(socket);
    this.#listenForTls(socket);
    // Over a socket that was there before, Node reads into no buffer of ours.
    socket.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += READ_BUFFER_BYTES) {
        this.#read(chunk.copy(this.#turns.readBuffer, 0, at, at + READ_BUFFER_BYTES));
      }
    });
  }

  #refuse(reason: string): void {
    this.failure ??= reason;
    this.#end();
  }

  #secured(socket: TLSSocket): void {
    const stampNs = this.#clock.nowNs();
    const refused = this.#client.refusal(socket.alpnProtocol);
    if (refused !== undefined) {
      this.#refuse(refused);
      return;
    }
    this.#isSecure = true;
    this.handshakeNs = stampNs - this.#tcpConnectedNs;
    this.#user?.connected(this, stampNs);
  }

  readonly #read = (byteCount: number): boolean => {
    const stampNs = this.#clock.nowNs();
    if (this.#user === undefined) return true;
    this.#chunksWaiting++;
    this.#turns.addBytes(this, byteCount, stampNs);
    return true;
  };

  #end(): void {
    if (this.#hasEnded || this.#user === undefined) return;
    this.#hasEnded = true;
    this.#turns.addEnd(this, this.#clock.nowNs());
  }
}

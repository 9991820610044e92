import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../../../base/time/clock.ts';
import { READ_BUFFER_BYTES } from '../../../base/time/turn-queue.ts';
import {
  socketPlace,
  type Connection,
  type ConnectionPlace,
  type ConnectionSurroundings,
  type ConnectionUser,
} from '../connection.ts';
import { Inbox } from '../inbox.ts';
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
export class TlsConnection implements Connection {
  failure: string | undefined;
  handshakeNs = Number.NaN;

  #socket: Socket;
  readonly #clock: Clock;
  readonly #readBuffer: Buffer;
  readonly #inbox: Inbox;
  readonly #client: TlsClient;
  #tcpConnectedNs = Number.NaN;
  #isSecure = false;

  constructor(
    place: ConnectionPlace,
    user: ConnectionUser,
    surroundings: ConnectionSurroundings,
    client: TlsClient,
    opening?: ClearOpening,
  ) {
    this.#clock = surroundings.clock;
    this.#readBuffer = surroundings.turns.readBuffer;
    this.#inbox = new Inbox(this, user, surroundings);
    this.#client = client;
    if (opening === undefined) {
      // Node takes `onread` here as net.connect does, though its types do not say so.
      const onread = { buffer: this.#readBuffer, callback: this.#inbox.read };
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
    return this.#isSecure && !this.#inbox.hasEnded && !this.#inbox.hasMore;
  }

  get hasMore(): boolean {
    return this.#inbox.hasMore;
  }

  get hasEnded(): boolean {
    return this.#inbox.hasEnded;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(payload: string | Buffer, whenWritten?: () => void): void {
    if (typeof payload === 'string') this.#socket.write(payload, 'latin1', whenWritten);
    else this.#socket.write(payload, whenWritten);
  }

  destroy(): void {
    this.#inbox.abandon();
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('connect', () => (this.#tcpConnectedNs = this.#clock.nowNs()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { expectedName } = this.#client;
      const refused = error.code === NO_PROTOCOL ? this.#client.refusal(false) : undefined;
      this.failure ??= refused ?? tlsFailure(error, { expectedName, isSecure: this.#isSecure });
    });
    socket.on('end', () => this.#inbox.end());
    socket.on('close', () => this.#inbox.end());
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
        this.#inbox.read(chunk.copy(this.#readBuffer, 0, at, at + READ_BUFFER_BYTES));
      }
    });
  }

  #refuse(reason: string): void {
    this.failure ??= reason;
    this.#inbox.end();
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
    this.#inbox.connected(stampNs);
  }
}

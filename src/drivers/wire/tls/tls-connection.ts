import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../../../base/time/clock.ts';
import type { TurnConsumer, TurnQueue } from '../../../base/time/turn-queue.ts';
import {
  socketPlace,
  type Connection,
  type ConnectionPlace,
  type ConnectionSurroundings,
  type ConnectionUser,
} from '../connection.ts';
import type { TlsClient } from './tls-client.ts';
import { tlsFailure } from './tls-failure.ts';

/**
 * One connection over TLS. It is connected when the handshake is done and the certificate is
 * accepted. A stamp is that of the callback in which Node hands over decrypted bytes, a record of
 * at most 16 KiB each.
 */
export class TlsConnection implements Connection, TurnConsumer {
  failure: string | undefined;
  handshakeNs = Number.NaN;

  readonly #socket: TLSSocket;
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
  ) {
    this.#user = user;
    this.#clock = surroundings.clock;
    this.#turns = surroundings.turns;
    this.#client = client;
    // Node takes `onread` here as net.connect does, though its types do not say so.
    const onread = { buffer: surroundings.turns.readBuffer, callback: this.#read };
    const options = { ...socketPlace(place), ...client.connectionOptions, onread };
    this.#socket = connect(options);
    this.#socket.setNoDelay(true);
    this.#listen();
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

  #listen(): void {
    this.#socket.on('connect', () => (this.#tcpConnectedNs = this.#clock.nowNs()));
    this.#socket.on('secureConnect', () => this.#secured());
    this.#socket.on('session', (session) => this.#client.keepSession(session));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      const { expectedName } = this.#client;
      this.failure ??= tlsFailure(error, { expectedName, isSecure: this.#isSecure });
    });
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  #secured(): void {
    const stampNs = this.#clock.nowNs();
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

import { connect, type Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { Clock } from '../../../base/time/clock.ts';
import {
  socketPlace,
  type Connection,
  type ConnectionPlace,
  type ConnectionSurroundings,
  type ConnectionUser,
} from '../connection.ts';
import { Inbox } from '../inbox.ts';
import { SocketHandle } from './socket-handle.ts';

/** One connection over TCP or a unix socket, from connecting to its end. */
export class TcpConnection implements Connection {
  readonly handshakeNs = Number.NaN;
  /** A code such as ECONNREFUSED when it broke; undefined while open or closed in order. */
  failure: string | undefined;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #inbox: Inbox;
  #handle: SocketHandle | undefined;
  #isConnected = false;

  constructor(place: ConnectionPlace, user: ConnectionUser, surroundings: ConnectionSurroundings) {
    this.#clock = surroundings.clock;
    this.#inbox = new Inbox(this, user, surroundings);
    this.#socket = connect({
      ...socketPlace(place),
      noDelay: true,
      onread: { buffer: surroundings.turns.readBuffer, callback: this.#inbox.read },
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= error.code ?? error.message;
    });
    this.#socket.on('end', () => this.#inbox.end());
    this.#socket.on('close', () => this.#inbox.end());
  }

  /** True while a request can be written and nothing has come that nobody asked for. */
  get isIdle(): boolean {
    return this.#isConnected && !this.#inbox.hasEnded && !this.#inbox.hasMore;
  }

  /** True when more bytes have arrived than the user has been given. */
  get hasMore(): boolean {
    return this.#inbox.hasMore;
  }

  get hasEnded(): boolean {
    return this.#inbox.hasEnded;
  }

  /** Bytes handed to `write` that the kernel has not taken. */
  get unsentBytes(): number {
    return this.#handle?.unsentBytes ?? this.#socket.writableLength;
  }

  write(payload: string | Buffer, whenWritten?: () => void): void {
    if (this.#handle !== undefined) this.#handle.write(payload, whenWritten);
    else if (typeof payload === 'string') this.#socket.write(payload, 'latin1', whenWritten);
    else this.#socket.write(payload, whenWritten);
  }

  /** Closes it at once; its user hears no more of it. */
  destroy(): void {
    this.#inbox.abandon();
    this.#socket.destroy();
  }

  #connected(): void {
    this.#isConnected = true;
    this.#handle = SocketHandle.of(this.#socket, this.#inbox.read, this.#writeFailed);
    this.#inbox.connected(this.#clock.nowNs());
  }

  readonly #writeFailed = (errorNumber: number): void => {
    this.failure ??= getSystemErrorName(errorNumber);
    this.#inbox.end();
  };
}

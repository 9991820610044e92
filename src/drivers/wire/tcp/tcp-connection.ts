import { connect, type Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { Clock } from '../../../base/time/clock.ts';
import type { TurnConsumer, TurnQueue } from '../../../base/time/turn-queue.ts';
import {
  socketPlace,
  type Connection,
  type ConnectionPlace,
  type ConnectionSurroundings,
  type ConnectionUser,
} from '../connection.ts';
import { SocketHandle } from './socket-handle.ts';

/**
 * One connection over TCP or a unix socket, from connecting to its end. Its read callback does what
 * base/time/turn-queue asks for and no more.
 */
export class TcpConnection implements Connection, TurnConsumer {
  readonly handshakeNs = Number.NaN;
  /** A code such as ECONNREFUSED when it broke; undefined while open or closed in order. */
  failure: string | undefined;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #turns: TurnQueue;
  #user: ConnectionUser | undefined;
  #handle: SocketHandle | undefined;
  #isConnected = false;
  #hasEnded = false;
  #chunksWaiting = 0;

  constructor(place: ConnectionPlace, user: ConnectionUser, surroundings: ConnectionSurroundings) {
    this.#user = user;
    this.#clock = surroundings.clock;
    this.#turns = surroundings.turns;
    this.#socket = connect({
      ...socketPlace(place),
      noDelay: true,
      onread: { buffer: surroundings.turns.readBuffer, callback: this.#read },
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= error.code ?? error.message;
    });
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  /** True while a request can be written and nothing has come that nobody asked for. */
  get isIdle(): boolean {
    return this.#isConnected && !this.#hasEnded && this.#chunksWaiting === 0;
  }

  /** True when more bytes have arrived than the user has been given. */
  get hasMore(): boolean {
    return this.#chunksWaiting > 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
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

  #connected(): void {
    this.#isConnected = true;
    this.#handle = SocketHandle.of(this.#socket, this.#read, this.#writeFailed);
    this.#user?.connected(this, this.#clock.nowNs());
  }

  readonly #read = (byteCount: number): boolean => {
    const stampNs = this.#clock.nowNs();
    if (this.#user === undefined) return true;
    this.#chunksWaiting++;
    this.#turns.addBytes(this, byteCount, stampNs);
    return true;
  };

  readonly #writeFailed = (errorNumber: number): void => {
    this.failure ??= getSystemErrorName(errorNumber);
    this.#end();
  };

  #end(): void {
    if (this.#hasEnded || this.#user === undefined) return;
    this.#hasEnded = true;
    this.#turns.addEnd(this, this.#clock.nowNs());
  }
}

import type { Clock } from '../../base/time/clock.ts';
import type { TurnConsumer, TurnQueue } from '../../base/time/turn-queue.ts';
import type { Connection, ConnectionSurroundings, ConnectionUser } from './connection.ts';

/**
 * What arrives on one connection, on its way to the user. The read callback does what
 * base/time/turn-queue asks for and no more.
 */
export class Inbox implements TurnConsumer {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #turns: TurnQueue;
  #user: ConnectionUser | undefined;
  #hasEnded = false;
  #chunksWaiting = 0;

  constructor(
    connection: Connection,
    user: ConnectionUser,
    { clock, turns }: ConnectionSurroundings,
  ) {
    this.#connection = connection;
    this.#user = user;
    this.#clock = clock;
    this.#turns = turns;
  }

  /** True when more bytes have arrived than the user has been given. */
  get hasMore(): boolean {
    return this.#chunksWaiting > 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The user hears no more of the connection. */
  abandon(): void {
    this.#user = undefined;
  }

  connected(stampNs: number): void {
    this.#user?.connected(this.#connection, stampNs);
  }

  /** For whoever reads: so many bytes stand in the read buffer of the turns. */
  readonly read = (byteCount: number): boolean => {
    const stampNs = this.#clock.nowNs();
    if (this.#user === undefined) return true;
    this.#chunksWaiting++;
    this.#turns.addBytes(this, byteCount, stampNs);
    return true;
  };

  /** Nothing more will come; told once, however often it is noticed. */
  end(): void {
    if (this.#hasEnded || this.#user === undefined) return;
    this.#hasEnded = true;
    this.#turns.addEnd(this, this.#clock.nowNs());
  }

  takeBytes(bytes: Buffer, from: number, to: number, stampNs: number): void {
    if (this.#chunksWaiting > 0) this.#chunksWaiting--;
    this.#user?.received(this.#connection, bytes, from, to, stampNs);
  }

  takeEnd(stampNs: number): void {
    this.#user?.ended(this.#connection, stampNs);
  }
}

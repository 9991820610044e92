import { reasonOf } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS, type Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { Connection, ConnectionUser } from '../connection.ts';
import type { AddressSource } from '../tcp/host-resolver.ts';
import { Http2Connection, type Http2ConnectionUser } from './http2-connection.ts';
import type { SharedTraffic } from './incoming-frames.ts';
import type { SendPages } from './send-pages.ts';

/** What the channels of one target in one worker share. */
export interface Http2ChannelContext {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly pages: SendPages;
  readonly resolver: AddressSource;
  readonly connectTimeoutMs: number;
  /** Streams of one connection at a time, at most. */
  readonly streamsLimit?: number | undefined;
  /** Streams over the whole life of one connection, at most. */
  readonly requestsLimit?: number | undefined;
  connectTo(address: string, user: ConnectionUser): Connection;
  /** Why connecting failed where nobody waited, or an idle connection was lost. */
  failed(reason: string): void;
}

/** Who waits for a stream. */
export interface ChannelWaiter {
  /** A stream may be opened, within this call. */
  granted(stampNs: number): void;
  /** The server cannot be reached. */
  refused(reason: string, stampNs: number): void;
}

/**
 * A place for one HTTP/2 connection at a time: opened when it is needed, opened again when it was
 * lost or the server went away. Whoever finds no room waits here, first come, first served.
 */
export class Http2Channel implements Http2ConnectionUser {
  /** Of frames that belong to no stream, over all its connections. */
  readonly traffic: SharedTraffic = { sentBytes: 0, receivedBytes: 0 };
  readonly #context: Http2ChannelContext;
  readonly #timer: number;
  /** Open, or being opened. */
  #connection: Http2Connection | undefined;
  #isConnecting = false;
  #connectStartNs = 0;
  /** Addresses to try, from the one being tried. */
  #addresses: readonly string[] = [];
  readonly #waiters = new Set<ChannelWaiter>();
  #connectWaiters: ((isOpen: boolean) => void)[] = [];
  /** Of a connection whose first operation is still to come. */
  #connectTimeNs = Number.NaN;
  #tlsTimeNs = Number.NaN;

  /** `timer` of the wheel is for connecting; its owner passes its expiry on to `expire`. */
  constructor(context: Http2ChannelContext, timer: number) {
    this.#context = context;
    this.#timer = timer;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** The connection that would take a request at once. */
  get free(): Http2Connection | undefined {
    const connection = this.#connection;
    return connection?.hasRoom === true && this.#waiters.size === 0 ? connection : undefined;
  }

  /** While a waiter is told that it is granted: the connection that has room for it. */
  get granting(): Http2Connection {
    return this.#connection!;
  }

  /** How long connecting took, for the first who asks after it. */
  takeConnectTimes(): { readonly connectNs: number; readonly tlsNs: number } | undefined {
    if (Number.isNaN(this.#connectTimeNs)) return undefined;
    const times = { connectNs: this.#connectTimeNs, tlsNs: this.#tlsTimeNs };
    this.#connectTimeNs = Number.NaN;
    return times;
  }

  wait(waiter: ChannelWaiter): void {
    this.#waiters.add(waiter);
    if (!this.isOpen && !this.#isConnecting) this.#beginConnect();
    else if (this.#connection?.isHeldUp === true) this.#watchHeldUp();
  }

  leave(waiter: ChannelWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Opens the connection ahead of load. */
  connect(): Promise<boolean> {
    if (this.isOpen) return Promise.resolve(true);
    if (!this.#isConnecting) this.#beginConnect();
    return new Promise((resolve) => this.#connectWaiters.push(resolve));
  }

  /** Closes the connection at once: nobody may have a stream on it. */
  drop(): void {
    this.#stopConnecting();
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  close(): void {
    this.#waiters.clear();
    this.drop();
    this.#tellConnectWaiters(false);
  }

  /** The timer of connecting expired. */
  expire(): void {
    const { connectTimeoutMs, clock } = this.#context;
    const isHeldUp = this.#connection?.isHeldUp === true && this.#waiters.size > 0;
    if (this.#isConnecting) {
      this.#connectFailed(`not connected within ${connectTimeoutMs} ms`, clock.nowNs());
    } else if (isHeldUp) {
      this.#connectFailed(`no stream allowed within ${connectTimeoutMs} ms`, clock.nowNs());
    }
  }

  ready(connection: Http2Connection, stampNs: number): void {
    if (connection !== this.#connection) return;
    this.#stopConnecting();
    this.#context.resolver.keep(this.#addresses[0]!);
    this.#connectTimeNs = stampNs - this.#connectStartNs;
    this.#tlsTimeNs = connection.handshakeNs;
    this.#tellConnectWaiters(true);
    this.roomFreed(connection, stampNs);
  }

  roomFreed(connection: Http2Connection, stampNs: number): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) {
      if (connection !== this.#connection) return;
      if (!connection.hasRoom) {
        if (connection.isHeldUp) this.#watchHeldUp();
        return;
      }
      this.#waiters.delete(waiter);
      waiter.granted(stampNs);
    }
  }

  closing(connection: Http2Connection, failure: string | undefined, stampNs: number): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    if (this.#isConnecting) this.#tryNextAddress(failure ?? 'closed while connecting', stampNs);
    else {
      if (failure !== undefined && connection.openStreams === 0) this.#context.failed(failure);
      if (this.#waiters.size > 0) this.#beginConnect();
    }
  }

  #beginConnect(): void {
    const { clock, wheel, resolver, connectTimeoutMs } = this.#context;
    this.#isConnecting = true;
    const startNs = clock.nowNs();
    this.#connectStartNs = startNs;
    wheel.arm(this.#timer, startNs + connectTimeoutMs * NS_PER_MS);
    const known = resolver.next();
    if (known !== undefined) {
      this.#tryAddresses(known);
      return;
    }
    const isStale = (): boolean => !this.#isConnecting || this.#connectStartNs !== startNs;
    resolver.resolve().then(
      (addresses) => isStale() || this.#tryAddresses(addresses),
      (error: unknown) => isStale() || this.#connectFailed(codeOf(error), clock.nowNs()),
    );
  }

  /** A server that allows no stream at all would be waited for without an end. */
  #watchHeldUp(): void {
    const { clock, wheel, connectTimeoutMs } = this.#context;
    if (wheel.isArmed(this.#timer)) return;
    wheel.arm(this.#timer, clock.nowNs() + connectTimeoutMs * NS_PER_MS);
  }

  #tryAddresses(addresses: readonly string[]): void {
    const { clock, pages, connectTo, streamsLimit, requestsLimit } = this.#context;
    this.#addresses = addresses;
    const address = addresses[0]!;
    const surroundings = { clock, pages, traffic: this.traffic, streamsLimit, requestsLimit };
    this.#connection = new Http2Connection((user) => connectTo(address, user), this, surroundings);
  }

  #tryNextAddress(failure: string, stampNs: number): void {
    const [, ...others] = this.#addresses;
    if (others.length > 0) this.#tryAddresses(others);
    else this.#connectFailed(failure, stampNs);
  }

  #connectFailed(reason: string, stampNs: number): void {
    this.drop();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    if (waiters.length === 0) this.#context.failed(reason);
    this.#tellConnectWaiters(false);
    for (const waiter of waiters) waiter.refused(reason, stampNs);
  }

  #stopConnecting(): void {
    this.#context.wheel.cancel(this.#timer);
    this.#isConnecting = false;
  }

  #tellConnectWaiters(isOpen: boolean): void {
    const waiters = this.#connectWaiters;
    this.#connectWaiters = [];
    for (const tell of waiters) tell(isOpen);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? reasonOf(error);
}

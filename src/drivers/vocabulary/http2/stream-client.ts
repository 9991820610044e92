import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { DriverContext } from '../../driver.ts';
import { Http2Channel, type Http2ChannelContext } from '../../wire/http2/http2-channel.ts';
import { SendPages } from '../../wire/http2/send-pages.ts';
import { FailureReasons } from '../failure-reasons.ts';
import { addressSourceOf } from '../http/http-connector.ts';
import { http2PlaceOf, type Http2Place } from './http2-place.ts';

export interface StreamClientOptions {
  /** Places of connect_time and tls_time among the driver's phases. */
  readonly phases: ConnectionPhases;
  /** Requests that one connection carries at a time, at most; the server may allow fewer. */
  readonly streamsPerConnection?: number | undefined;
  /** Requests after which a connection takes no more and another one is opened. */
  readonly requestsPerConnection?: number | undefined;
}

export interface ConnectionPhases {
  readonly connectTime: number;
  readonly tlsTime: number;
}

/** Where a session has its place among the others of its target. */
export interface StreamPlace {
  readonly channel: Http2Channel;
  /** Its timer on the wheel. */
  readonly timer: number;
  /** Called once when the session is closed. */
  closed(): void;
}

/** A session as its client sees it. */
export interface StreamSession {
  expire(): void;
  close(): void;
}

/**
 * What all sessions of one target in one worker share, for every driver that speaks HTTP/2 over raw
 * sockets. Its target says `HttpConnectionOptions` among its options. With `connections: n` its
 * sessions share n connections, each always the same one; else each session has its own.
 */
export class StreamClient<Session extends StreamSession> {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly phases: ConnectionPhases;
  /** Connections live on after an answer. */
  readonly keepsConnections: boolean;
  readonly place: Http2Place;
  readonly reasons = new FailureReasons();
  /** Complete answers that came after their timeout. */
  lateAnswers = 0;

  readonly #channelContext: Http2ChannelContext;
  readonly #sharedCount: number | undefined;
  /** By session, or shared: by number. */
  readonly #channels: (Http2Channel | undefined)[] = [];
  readonly #sessions: (Session | undefined)[] = [];
  readonly #firstTimer: number;
  readonly #firstConnectTimer: number;

  constructor(context: DriverContext, options: StreamClientOptions) {
    const { clock, wheel, turns, slots, connectTimeoutMs, connection, connections } = context;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.phases = options.phases;
    this.keepsConnections = connection !== 'perRequest';
    this.place = http2PlaceOf(context);
    this.#channelContext = {
      clock,
      wheel,
      pages: new SendPages(),
      resolver: addressSourceOf(context),
      connectTimeoutMs,
      connectTo: this.place.connectTo,
      failed: (reason) => this.reasons.count(reason),
      streamsLimit: options.streamsPerConnection,
      requestsLimit: options.requestsPerConnection,
    };
    this.#sharedCount = this.keepsConnections ? connections : undefined;
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
    const channelCount = this.#sharedCount ?? slots.count;
    this.#firstConnectTimer = wheel.register(channelCount, (index) =>
      this.#channels[index]?.expire(),
    );
  }

  /** The session of `slot`, as `make` makes it. */
  add(slot: number, make: (place: StreamPlace) => Session): Session {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has a session already` });
    }
    const isShared = this.#sharedCount !== undefined;
    const channel = this.#channelOf(isShared ? slot % this.#sharedCount! : slot);
    const session = make({
      channel,
      timer: this.#firstTimer + slot,
      closed: () => {
        this.#sessions[slot] = undefined;
        if (!isShared) {
          channel.close();
          this.#channels[slot] = undefined;
        }
      },
    });
    this.#sessions[slot] = session;
    return session;
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
    for (const channel of this.#channels) channel?.close();
  }

  openConnections(): number {
    return this.#channels.reduce((sum, channel) => sum + (channel?.isOpen === true ? 1 : 0), 0);
  }

  #channelOf(index: number): Http2Channel {
    this.#channels[index] ??= new Http2Channel(
      this.#channelContext,
      this.#firstConnectTimer + index,
    );
    return this.#channels[index];
  }
}

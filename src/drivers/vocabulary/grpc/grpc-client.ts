import type { Clock } from '../../../base/time/clock.ts';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { DriverContext } from '../../driver.ts';
import { RECEIVE_LIMIT_BYTES } from '../../wire/grpc/grpc-limits.ts';
import { Http2Channel, type Http2ChannelContext } from '../../wire/http2/http2-channel.ts';
import { SendPages } from '../../wire/http2/send-pages.ts';
import { FailureReasons } from '../failure-reasons.ts';
import { addressSourceOf } from '../http/http-connector.ts';
import { grpcPlaceOf, type GrpcPlace } from './grpc-connector.ts';
import { GrpcSession } from './grpc-session.ts';
import type { MessageTaker } from './message-taker.ts';

export interface GrpcClientOptions {
  /** A message that is larger, compressed or not, is refused. */
  readonly receiveLimitBytes?: number;
  /** What the message of a failed call's status adds to its reason, in words of a bounded set. */
  readonly failureWords?: (message: string) => string;
  /** Calls that one connection carries at a time, at most; the server may allow fewer. */
  readonly streamsPerConnection?: number | undefined;
}

/**
 * What all sessions of one target in one worker share, for every driver that speaks gRPC over raw
 * sockets. Its target says `HttpConnectionOptions` among its options. With `connections: n` its
 * sessions share n connections, each always the same one; else each session has its own.
 */
export class GrpcClient {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  /** Connections live on after an answer. */
  readonly keepsConnections: boolean;
  readonly receiveLimitBytes: number;
  readonly failureWords: GrpcClientOptions['failureWords'];
  readonly place: GrpcPlace;
  readonly reasons = new FailureReasons();
  /** Complete answers that came after their timeout. */
  lateAnswers = 0;

  readonly #channelContext: Http2ChannelContext;
  readonly #sharedCount: number | undefined;
  /** By session, or shared: by number. */
  readonly #channels: (Http2Channel | undefined)[] = [];
  readonly #sessions: (GrpcSession | undefined)[] = [];
  readonly #firstTimer: number;
  readonly #firstConnectTimer: number;

  constructor(
    context: DriverContext,
    {
      receiveLimitBytes = RECEIVE_LIMIT_BYTES,
      failureWords,
      streamsPerConnection,
    }: GrpcClientOptions = {},
  ) {
    const { clock, wheel, turns, slots, connectTimeoutMs, connection, connections } = context;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.receiveLimitBytes = receiveLimitBytes;
    this.failureWords = failureWords;
    this.keepsConnections = connection !== 'perRequest';
    this.place = grpcPlaceOf(context);
    const { connectTo } = this.place;
    const resolver = addressSourceOf(context);
    const pages = new SendPages();
    const failed = (reason: string): void => this.reasons.count(reason);
    const shared = { clock, wheel, pages, resolver, connectTimeoutMs, connectTo, failed };
    this.#channelContext = { ...shared, streamsLimit: streamsPerConnection };
    this.#sharedCount = this.keepsConnections ? connections : undefined;
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
    const channelCount = this.#sharedCount ?? slots.count;
    this.#firstConnectTimer = wheel.register(channelCount, (index) =>
      this.#channels[index]?.expire(),
    );
  }

  open(slot: number, taker?: MessageTaker): GrpcSession {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has a grpc session already` });
    }
    const isShared = this.#sharedCount !== undefined;
    const channel = this.#channelOf(isShared ? slot % this.#sharedCount! : slot);
    const session = new GrpcSession(this, {
      channel,
      timer: this.#firstTimer + slot,
      taker,
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

import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS, type Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { ChannelWaiter } from '../../wire/http2/http2-channel.ts';
import type { Http2Connection } from '../../wire/http2/http2-connection.ts';
import type { Http2Stream, StreamFailure } from '../../wire/http2/http2-stream.ts';
import type { FailureReasons } from '../failure-reasons.ts';
import type { ConnectionPhases, StreamPlace } from './stream-client.ts';
import { outcomeOfFailure } from './stream-outcome.ts';

export const NO_SLOT = -1;

/** What of a request does not depend on its protocol. */
export interface StreamRequest {
  readonly operation: { readonly timeoutNs: number };
}

/** What of a client an operation uses. */
export interface StreamSurroundings {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly phases: ConnectionPhases;
  readonly keepsConnections: boolean;
  readonly reasons: FailureReasons;
  lateAnswers: number;
}

/** The protocol above a stream. */
export interface StreamProtocol<Request> {
  /** A stream is free for `request`: opens it, and says which in `stream`. */
  open(request: Request, connection: Http2Connection, grantedNs: number): void;
  /** The operation in `slot` is over; what is the protocol's own goes into its slot now. */
  over(slot: number): void;
}

/**
 * One operation at a time of one session over HTTP/2, whatever its protocol: waits for a stream,
 * keeps its timeout, and writes its stamps, sizes and outcome into its slot.
 */
export class StreamOperation<Request extends StreamRequest> implements ChannelWaiter {
  /** The operation that is open, or NO_SLOT. */
  slot: number = NO_SLOT;
  /** 0 until the head of the request was handed to the socket. */
  sentNs = 0;
  stream: Http2Stream | undefined;
  connection: Http2Connection | undefined;

  readonly #client: StreamSurroundings;
  readonly #place: StreamPlace;
  readonly #protocol: StreamProtocol<Request>;
  #ended: () => void = ignore;
  /** The request that waits for a stream. */
  #waiting: Request | undefined;
  #timeoutNs = 0;
  #deadlineNs = 0;

  constructor(client: StreamSurroundings, place: StreamPlace, protocol: StreamProtocol<Request>) {
    this.#client = client;
    this.#place = place;
    this.#protocol = protocol;
  }

  get isOpen(): boolean {
    return this.slot !== NO_SLOT;
  }

  /** True when a request could be written at once. */
  get usable(): boolean {
    return this.slot === NO_SLOT && this.#place.channel.free !== undefined;
  }

  connect(): Promise<boolean> {
    return this.#place.channel.connect();
  }

  /** Sends `request` as soon as a stream is free. */
  begin(request: Request, slot: number, ended: () => void): void {
    if (this.slot !== NO_SLOT) {
      throw new LoadgenError('BUG', { reason: 'a session was used for two things at once' });
    }
    const { slots } = this.#client;
    const { channel } = this.#place;
    this.slot = slot;
    this.#ended = ended;
    this.sentNs = 0;
    this.stream = undefined;
    slots.free[slot] = Number.NaN;
    const connection = channel.free;
    if (connection !== undefined) this.#send(request, connection, slots.acquired[slot]!);
    else {
      this.#waiting = request;
      channel.wait(this);
    }
  }

  abort(slot: number, outcome: number): void {
    if (slot === this.slot) this.finish(outcome, this.#client.clock.nowNs());
  }

  close(): void {
    if (this.slot !== NO_SLOT) this.abort(this.slot, OUTCOME.interrupted);
    this.#place.closed();
  }

  /** The timeout of the operation expired. */
  expire(): void {
    this.#afterPoll(() => {
      // What was read meanwhile stands in the turn queue, behind this.
      if (this.connection?.hasMore === true) this.#afterPoll(() => this.#timeOut());
      else this.#timeOut();
    });
  }

  granted(stampNs: number): void {
    const request = this.#waiting!;
    this.#waiting = undefined;
    this.#send(request, this.#place.channel.granting, stampNs);
  }

  refused(reason: string, stampNs: number): void {
    this.#waiting = undefined;
    this.fail(OUTCOME.connect_failed, reason, stampNs);
  }

  /** Its stream ended without an answer. */
  lost(failure: StreamFailure, stampNs: number): void {
    // Servers whose own deadline passes a little earlier than ours give the stream up.
    const isTimeout = stampNs >= this.#deadlineNs && failure.kind === 'reset';
    if (isTimeout) this.fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
    else this.fail(outcomeOfFailure(failure), failure.reason, stampNs);
  }

  /** The answer is complete; false where it is too late, and the operation has ended with that. */
  isInTime(stampNs: number): boolean {
    const { slots, turns } = this.#client;
    slots.free[this.slot] = turns.freeNs;
    if (stampNs <= this.#deadlineNs) return true;
    this.#client.lateAnswers++;
    this.fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
    return false;
  }

  fail(outcome: number, reason: string, stampNs: number): void {
    this.#client.reasons.count(reason);
    this.finish(outcome, stampNs);
  }

  finish(outcome: number, doneNs: number): void {
    const { slots, wheel, keepsConnections } = this.#client;
    const { channel, timer } = this.#place;
    const { slot, stream } = this;
    wheel.cancel(timer);
    if (this.#waiting !== undefined) channel.leave(this);
    const wasSent = this.sentNs !== 0;
    this.#countTraffic(slot, wasSent ? stream : undefined);
    if (stream !== undefined && !stream.isGone) this.connection!.cancel(stream);
    if (!wasSent) slots.granted[slot] = doneNs;
    slots.sent[slot] = this.sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    this.#protocol.over(slot);
    slots.generation[slot]!++;
    if (!keepsConnections) channel.drop();
    this.slot = NO_SLOT;
    this.#waiting = undefined;
    this.#ended();
  }

  /** Does not keep the request: a new object in an old one is work for the garbage collector. */
  #send(request: Request, connection: Http2Connection, grantedNs: number): void {
    const { slots, wheel } = this.#client;
    const { timeoutNs } = request.operation;
    this.connection = connection;
    slots.granted[this.slot] = grantedNs;
    this.#timeoutNs = timeoutNs;
    this.#deadlineNs = grantedNs + timeoutNs;
    wheel.arm(this.#place.timer, this.#deadlineNs);
    this.#protocol.open(request, connection, grantedNs);
  }

  /**
   * Timers run before the poll for I/O: an answer that waits in the kernel is read first, and then
   * counted as late, instead of being thrown away unseen. Nothing happens if the operation ended.
   */
  #afterPoll(callback: () => void): void {
    const { clock, slots } = this.#client;
    const { slot } = this;
    const generation = slots.generation[slot];
    clock.nextTurn(() => {
      if (this.slot === slot && slots.generation[slot] === generation) callback();
    });
  }

  #timeOut(): void {
    const isHeldUp = this.stream?.hasToSend === true;
    const held = isHeldUp ? ', the server does not take the request' : '';
    this.fail(OUTCOME.timeout, this.#timeoutReason() + held, this.#client.clock.nowNs());
  }

  #timeoutReason(): string {
    return `no answer within ${this.#timeoutNs / NS_PER_MS} ms`;
  }

  /** With the frames of the connection itself that nobody has counted yet. */
  #countTraffic(slot: number, stream: Http2Stream | undefined): void {
    const { slots, phases } = this.#client;
    const { channel } = this.#place;
    const { traffic } = channel;
    const times = stream && channel.takeConnectTimes();
    slots.phases[phases.connectTime]![slot] = times?.connectNs ?? Number.NaN;
    slots.phases[phases.tlsTime]![slot] = times?.tlsNs ?? Number.NaN;
    slots.bytesSent[slot] = 0;
    slots.bytesReceived[slot] = 0;
    if (stream === undefined) return;
    slots.bytesSent[slot] = stream.bytesSent + traffic.sentBytes;
    slots.bytesReceived[slot] = stream.bytesReceived + traffic.receivedBytes;
    traffic.sentBytes = 0;
    traffic.receivedBytes = 0;
  }
}

function ignore(): void {
  // Until the first operation there is nobody to tell.
}

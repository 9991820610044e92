import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import { decompressMessage } from '../../wire/grpc/message-compression.ts';
import { fieldOf, statusMessageOf } from '../../wire/grpc/grpc-metadata.ts';
import { codeOfHttpStatus, codeOfTrailer, type GrpcCode } from '../../wire/grpc/grpc-status.ts';
import { MessageReader, type MessageUser } from '../../wire/grpc/message-reader.ts';
import type { ChannelWaiter, Http2Channel } from '../../wire/http2/http2-channel.ts';
import type { Http2Connection } from '../../wire/http2/http2-connection.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { Http2Stream, Http2StreamUser, StreamFailure } from '../../wire/http2/http2-stream.ts';
import type { GrpcClient } from './grpc-client.ts';
import { outcomeOfCode, outcomeOfFailure } from './grpc-outcome.ts';
import {
  CONNECT_TIME,
  FIRST_MESSAGE_TIME,
  MESSAGE_GAP,
  MESSAGES_RECEIVED,
  TLS_TIME,
} from './grpc-phases.ts';
import type { GrpcOperation, GrpcRequest } from './grpc-request.ts';
import { GrpcResult } from './grpc-result.ts';
import type { MessageTaker } from './message-taker.ts';

const NO_SLOT = -1;

export interface GrpcSessionPlace {
  readonly channel: Http2Channel;
  readonly timer: number;
  readonly taker: MessageTaker | undefined;
  closed(): void;
}

/** One call at a time, each a stream of the session's connection. */
export class GrpcSession implements Session, Http2StreamUser, ChannelWaiter, MessageUser {
  /** The fields of the last answer. */
  readonly answer = new GrpcResult();
  readonly #client: GrpcClient;
  readonly #place: GrpcSessionPlace;
  readonly #reader: MessageReader;

  #slot = NO_SLOT;
  #ended: () => void = ignore;
  /** The call that waits for a stream. */
  #waiting: GrpcRequest | undefined;
  #operation: GrpcOperation | undefined;
  #connection: Http2Connection | undefined;
  #stream: Http2Stream | undefined;
  #sentNs = 0;
  #deadlineNs = 0;
  /** Header fields of the answer, once they have come. */
  #fields: readonly HeaderField[] | undefined;
  #messages = 0;
  #lastMessageNs = 0;
  /** Why the answer cannot be taken, or that its taker has enough. */
  #refusal: string | undefined;
  #isGivenUp = false;

  constructor(client: GrpcClient, place: GrpcSessionPlace) {
    this.#client = client;
    this.#place = place;
    this.#reader = new MessageReader(this, client.receiveLimitBytes);
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && this.#place.channel.free !== undefined;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.answer as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#place.channel.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) {
      throw new LoadgenError('BUG', { reason: 'a grpc session was used for two things at once' });
    }
    const request = given as GrpcRequest;
    const { slots } = this.#client;
    this.#slot = slot;
    this.#ended = ended;
    this.#sentNs = 0;
    this.#stream = undefined;
    this.#fields = undefined;
    this.#messages = 0;
    this.#refusal = undefined;
    this.#isGivenUp = false;
    this.answer.clear(request.operation.decode);
    slots.free[slot] = Number.NaN;
    slots.phases[FIRST_MESSAGE_TIME]![slot] = Number.NaN;
    const connection = this.#place.channel.free;
    if (connection !== undefined) this.#send(request, connection, slots.acquired[slot]!);
    else {
      this.#waiting = request;
      this.#place.channel.wait(this);
    }
  }

  abort(slot: number, outcome: number): void {
    if (slot === this.#slot) this.#finish(outcome, this.#client.clock.nowNs());
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#place.closed();
  }

  /** The timeout of the call expired. */
  expire(): void {
    this.#afterPoll(() => {
      // What was read meanwhile stands in the turn queue, behind this.
      if (this.#connection?.hasMore === true) this.#afterPoll(() => this.#timeOut());
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
    this.#fail(OUTCOME.connect_failed, reason, stampNs);
  }

  sent(stampNs: number): void {
    this.#sentNs = stampNs;
  }

  headers(fields: readonly HeaderField[], isLast: boolean, stampNs: number): void {
    if (this.#fields === undefined) {
      // Section 8.1 of RFC 9113: any number of interim answers may come before the final one.
      if (/^1\d\d$/.test(fieldOf(fields, ':status') ?? '')) return;
      this.#fields = fields;
      const failure = this.#headFailure(fields);
      if (failure !== undefined) this.#fail(failure.outcome, failure.reason, stampNs);
      else if (isLast) this.#answered(fields, stampNs);
    } else if (isLast) this.#answered(fields, stampNs);
    else this.#fail(OUTCOME.protocol_error, 'header fields within the answer', stampNs);
  }

  data(bytes: Buffer, from: number, to: number, stampNs: number): void {
    const refused =
      this.#fields === undefined
        ? 'data before header fields'
        : this.#reader.take(bytes, from, to, stampNs);
    if (this.#slot === NO_SLOT) return;
    const reason = refused ?? this.#refusal;
    if (reason !== undefined) this.#fail(OUTCOME.protocol_error, reason, stampNs);
    else if (this.#isGivenUp) this.#judged(OUTCOME.ok, undefined, stampNs);
  }

  ended(stampNs: number): void {
    this.#fail(OUTCOME.protocol_error, 'an answer without a status', stampNs);
  }

  failed(failure: StreamFailure, stampNs: number): void {
    // Servers whose own deadline passes a little earlier than ours give the stream up.
    const isTimeout = stampNs >= this.#deadlineNs && failure.kind === 'reset';
    if (isTimeout) this.#fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
    else this.#fail(outcomeOfFailure(failure), failure.reason, stampNs);
  }

  message(bytes: Buffer, from: number, to: number, isCompressed: boolean, stampNs: number): void {
    if (this.#refusal !== undefined || this.#isGivenUp) return;
    const operation = this.#operation!;
    const { slots } = this.#client;
    if (++this.#messages === 1) {
      slots.phases[FIRST_MESSAGE_TIME]![this.#slot] = stampNs - this.#sentNs;
    } else if (operation.streamsAnswers) {
      slots.samples[MESSAGE_GAP]!.add(this.#slot, stampNs - this.#lastMessageNs);
    } else this.#refusal = 'more than one message';
    this.#lastMessageNs = stampNs;
    if (!isCompressed) this.#taken(bytes, from, to, stampNs);
    else if (operation.keepsMessages || this.#place.taker !== undefined) {
      const whole = this.#decompressed(bytes.subarray(from, to));
      if (whole === undefined) this.#refusal = 'a message that cannot be decompressed';
      else this.#taken(whole, 0, whole.length, stampNs);
    }
  }

  #taken(bytes: Buffer, from: number, to: number, stampNs: number): void {
    const { taker } = this.#place;
    if (this.#operation!.keepsMessages)
      this.answer.kept.push(Buffer.from(bytes.subarray(from, to)));
    if (taker !== undefined) this.#isGivenUp = !taker.take(bytes, from, to, stampNs);
  }

  #decompressed(bytes: Buffer): Buffer | undefined {
    const encoding = fieldOf(this.#fields!, 'grpc-encoding') ?? '';
    return decompressMessage(bytes, encoding, this.#client.receiveLimitBytes);
  }

  /** Does not keep the request: a new object in an old one is work for the garbage collector. */
  #send(request: GrpcRequest, connection: Http2Connection, grantedNs: number): void {
    const { slots, wheel } = this.#client;
    const { operation, literals, pieces } = request;
    const slot = this.#slot;
    this.#operation = operation;
    this.#connection = connection;
    slots.granted[slot] = grantedNs;
    this.#deadlineNs = grantedNs + operation.timeoutNs;
    wheel.arm(this.#place.timer, this.#deadlineNs);
    this.#reader.begin();
    this.#place.taker?.begin(request, slot, grantedNs);
    const { fields } = operation;
    this.#stream = connection.request({ fields, literals, pieces, isComplete: true }, this);
  }

  /** What says at once that this is no answer of gRPC. */
  #headFailure(
    fields: readonly HeaderField[],
  ): { readonly outcome: number; readonly reason: string } | undefined {
    const status = fieldOf(fields, ':status') ?? 'missing';
    if (status !== '200') {
      return { outcome: outcomeOfCode(codeOfHttpStatus(status)), reason: `HTTP status ${status}` };
    }
    const contentType = fieldOf(fields, 'content-type');
    if (contentType?.startsWith('application/grpc') === true) return undefined;
    return { outcome: OUTCOME.protocol_error, reason: 'an answer that is not application/grpc' };
  }

  #answered(trailers: readonly HeaderField[], stampNs: number): void {
    const code = codeOfTrailer(fieldOf(trailers, 'grpc-status') ?? '');
    if (code === undefined) {
      this.#fail(OUTCOME.protocol_error, 'an answer without a status', stampNs);
      return;
    }
    if (code === 'OK') {
      const problem = this.#messageProblem();
      if (problem !== undefined) {
        this.#fail(OUTCOME.protocol_error, problem, stampNs);
        return;
      }
    }
    this.#client.slots.free[this.#slot] = this.#client.turns.freeNs;
    if (stampNs > this.#deadlineNs) {
      this.#client.lateAnswers++;
      this.#fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
      return;
    }
    if (code !== 'OK') this.#client.reasons.count(this.#statusReason(code, trailers));
    this.answer.fill({ code, fields: this.#fields!, trailers });
    this.#judged(outcomeOfCode(code), code, stampNs);
  }

  #statusReason(code: GrpcCode, trailers: readonly HeaderField[]): string {
    const { failureWords } = this.#client;
    const message = failureWords && statusMessageOf(trailers);
    return message ? `status ${code}: ${failureWords(message)}` : `status ${code}`;
  }

  #messageProblem(): string | undefined {
    if (this.#reader.isWithinMessage) return 'a message that is cut off';
    const isShort = this.#messages === 0 && !this.#operation!.streamsAnswers;
    return isShort ? 'an answer without a message' : undefined;
  }

  #judged(outcome: number, code: GrpcCode | undefined, stampNs: number): void {
    const { taker } = this.#place;
    this.#finish(taker === undefined ? outcome : taker.judge(outcome, code), stampNs);
  }

  /**
   * Timers run before the poll for I/O: an answer that waits in the kernel is read first, and then
   * counted as late, instead of being thrown away unseen. Nothing happens if the call ended.
   */
  #afterPoll(callback: () => void): void {
    const { clock, slots } = this.#client;
    const slot = this.#slot;
    const generation = slots.generation[slot];
    clock.nextTurn(() => {
      if (this.#slot === slot && slots.generation[slot] === generation) callback();
    });
  }

  #timeOut(): void {
    this.#fail(OUTCOME.timeout, this.#timeoutReason(), this.#client.clock.nowNs());
  }

  #timeoutReason(): string {
    return `no answer within ${this.#operation!.timeoutNs / NS_PER_MS} ms`;
  }

  #fail(outcome: number, reason: string, stampNs: number): void {
    this.#client.reasons.count(reason);
    this.#finish(outcome, stampNs);
  }

  #finish(outcome: number, doneNs: number): void {
    const { slots, wheel, keepsConnections } = this.#client;
    const { channel, timer, taker } = this.#place;
    const slot = this.#slot;
    const stream = this.#stream;
    wheel.cancel(timer);
    if (this.#waiting !== undefined) channel.leave(this);
    const wasSent = this.#sentNs !== 0;
    this.#countTraffic(slot, wasSent ? stream : undefined);
    if (stream !== undefined && !stream.isGone) this.#connection!.cancel(stream);
    if (!wasSent) slots.granted[slot] = doneNs;
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    slots.counts[MESSAGES_RECEIVED]![slot]! += this.#messages;
    slots.generation[slot]!++;
    if (!keepsConnections) channel.drop();
    taker?.end(slot);
    this.#slot = NO_SLOT;
    this.#waiting = undefined;
    this.#ended();
  }

  /** With the frames of the connection itself that nobody has counted yet. */
  #countTraffic(slot: number, stream: Http2Stream | undefined): void {
    const { slots } = this.#client;
    const { traffic } = this.#place.channel;
    const times = stream && this.#place.channel.takeConnectTimes();
    slots.phases[CONNECT_TIME]![slot] = times?.connectNs ?? Number.NaN;
    slots.phases[TLS_TIME]![slot] = times?.tlsNs ?? Number.NaN;
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

import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import { decompressMessage } from '../../wire/grpc/message-compression.ts';
import { fieldOf, statusMessageOf } from '../../wire/grpc/grpc-metadata.ts';
import { codeOfHttpStatus, codeOfTrailer, type GrpcCode } from '../../wire/grpc/grpc-status.ts';
import { MessageReader, type MessageUser } from '../../wire/grpc/message-reader.ts';
import type { Http2Connection } from '../../wire/http2/http2-connection.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { Http2StreamUser, StreamFailure } from '../../wire/http2/http2-stream.ts';
import type { StreamPlace } from '../http2/stream-client.ts';
import { StreamOperation, type StreamProtocol } from '../http2/stream-operation.ts';
import type { GrpcClient } from './grpc-client.ts';
import { outcomeOfCode } from './grpc-outcome.ts';
import { FIRST_MESSAGE_TIME, MESSAGE_GAP, MESSAGES_RECEIVED } from './grpc-phases.ts';
import type { GrpcOperation, GrpcRequest } from './grpc-request.ts';
import { GrpcResult } from './grpc-result.ts';
import type { MessageTaker } from './message-taker.ts';

/** One call at a time, each a stream of the session's connection. */
export class GrpcSession
  implements Session, Http2StreamUser, MessageUser, StreamProtocol<GrpcRequest>
{
  /** The fields of the last answer. */
  readonly answer = new GrpcResult();
  readonly #client: GrpcClient;
  readonly #taker: MessageTaker | undefined;
  readonly #call: StreamOperation<GrpcRequest>;
  readonly #reader: MessageReader;

  #operation: GrpcOperation | undefined;
  /** Header fields of the answer, once they have come. */
  #fields: readonly HeaderField[] | undefined;
  #messages = 0;
  #lastMessageNs = 0;
  /** Why the answer cannot be taken, or that its taker has enough. */
  #refusal: string | undefined;
  #isGivenUp = false;

  constructor(client: GrpcClient, place: StreamPlace, taker: MessageTaker | undefined) {
    this.#client = client;
    this.#taker = taker;
    this.#call = new StreamOperation(client, place, this);
    this.#reader = new MessageReader(this, client.receiveLimitBytes);
  }

  get usable(): boolean {
    return this.#call.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.answer as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#call.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const request = given as GrpcRequest;
    this.#fields = undefined;
    this.#messages = 0;
    this.#refusal = undefined;
    this.#isGivenUp = false;
    this.answer.clear(request.operation.decode);
    this.#client.slots.phases[FIRST_MESSAGE_TIME]![slot] = Number.NaN;
    this.#call.begin(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#call.abort(slot, outcome);
  }

  close(): void {
    this.#call.close();
  }

  expire(): void {
    this.#call.expire();
  }

  open(request: GrpcRequest, connection: Http2Connection, grantedNs: number): void {
    const { operation, literals, pieces } = request;
    this.#operation = operation;
    this.#reader.begin();
    this.#taker?.begin(request, this.#call.slot, grantedNs);
    const { fields } = operation;
    const whole = { fields, literals, pieces, isComplete: true };
    this.#call.stream = connection.request(whole, this);
  }

  over(slot: number): void {
    this.#client.slots.counts[MESSAGES_RECEIVED]![slot]! += this.#messages;
    this.#taker?.end(slot);
  }

  sent(stampNs: number): void {
    this.#call.sentNs = stampNs;
  }

  headers(fields: readonly HeaderField[], isLast: boolean, stampNs: number): void {
    if (this.#fields === undefined) {
      // Section 8.1 of RFC 9113: any number of interim answers may come before the final one.
      if (/^1\d\d$/.test(fieldOf(fields, ':status') ?? '')) return;
      this.#fields = fields;
      const failure = this.#headFailure(fields);
      if (failure !== undefined) this.#call.fail(failure.outcome, failure.reason, stampNs);
      else if (isLast) this.#answered(fields, stampNs);
    } else if (isLast) this.#answered(fields, stampNs);
    else this.#call.fail(OUTCOME.protocol_error, 'header fields within the answer', stampNs);
  }

  data(bytes: Buffer, from: number, to: number, stampNs: number): void {
    const refused =
      this.#fields === undefined
        ? 'data before header fields'
        : this.#reader.take(bytes, from, to, stampNs);
    if (!this.#call.isOpen) return;
    const reason = refused ?? this.#refusal;
    if (reason !== undefined) this.#call.fail(OUTCOME.protocol_error, reason, stampNs);
    else if (this.#isGivenUp) this.#judged(OUTCOME.ok, undefined, stampNs);
  }

  ended(stampNs: number): void {
    this.#call.fail(OUTCOME.protocol_error, 'an answer without a status', stampNs);
  }

  failed(failure: StreamFailure, stampNs: number): void {
    this.#call.lost(failure, stampNs);
  }

  message(bytes: Buffer, from: number, to: number, isCompressed: boolean, stampNs: number): void {
    if (this.#refusal !== undefined || this.#isGivenUp) return;
    const operation = this.#operation!;
    const { slots } = this.#client;
    const { slot } = this.#call;
    if (++this.#messages === 1) {
      slots.phases[FIRST_MESSAGE_TIME]![slot] = stampNs - this.#call.sentNs;
    } else if (operation.streamsAnswers) {
      slots.samples[MESSAGE_GAP]!.add(slot, stampNs - this.#lastMessageNs);
    } else this.#refusal = 'more than one message';
    this.#lastMessageNs = stampNs;
    if (!isCompressed) this.#taken(bytes, from, to, stampNs);
    else if (operation.keepsMessages || this.#taker !== undefined) {
      const whole = this.#decompressed(bytes.subarray(from, to));
      if (whole === undefined) this.#refusal = 'a message that cannot be decompressed';
      else this.#taken(whole, 0, whole.length, stampNs);
    }
  }

  #taken(bytes: Buffer, from: number, to: number, stampNs: number): void {
    if (this.#operation!.keepsMessages)
      this.answer.kept.push(Buffer.from(bytes.subarray(from, to)));
    if (this.#taker !== undefined) this.#isGivenUp = !this.#taker.take(bytes, from, to, stampNs);
  }

  #decompressed(bytes: Buffer): Buffer | undefined {
    const encoding = fieldOf(this.#fields!, 'grpc-encoding') ?? '';
    return decompressMessage(bytes, encoding, this.#client.receiveLimitBytes);
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
      this.#call.fail(OUTCOME.protocol_error, 'an answer without a status', stampNs);
      return;
    }
    if (code === 'OK') {
      const problem = this.#messageProblem();
      if (problem !== undefined) {
        this.#call.fail(OUTCOME.protocol_error, problem, stampNs);
        return;
      }
    }
    if (!this.#call.isInTime(stampNs)) return;
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
    const judged = this.#taker === undefined ? outcome : this.#taker.judge(outcome, code);
    this.#call.finish(judged, stampNs);
  }
}

import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { FailureReasons } from '../../vocabulary/failure-reasons.ts';
import type { GrpcRequest } from '../../vocabulary/grpc/grpc-request.ts';
import type { MessageTaker } from '../../vocabulary/grpc/message-taker.ts';
import { KeptBytes } from '../../wire/http1/kept-bytes.ts';
import { NO_TENSORS, type AnswerWish } from '../kserve-operation.ts';
import { FIRST_RESPONSE_TIME, RESPONSE_GAP, RESPONSES } from '../kserve-metrics.ts';
import { RESPONSES_KEPT_LIMIT } from '../limits.ts';
import type { Outputs } from '../outputs.ts';
import type { KserveGrpcOperation } from './infer-call.ts';
import { outputsOf, responseProblem } from './infer-response.ts';
import { readInferResponse, readStreamResponse, type InferResponse } from './messages.ts';

/** Of a response of Triton: whether another one follows. */
const FINAL_PARAMETER = 'triton_final_response';

interface Surroundings {
  readonly slots: OperationSlots;
  readonly reasons: FailureReasons;
}

/** Reads the answers of one session: tensors, or a stream of responses. */
export class GrpcAnswers implements MessageTaker {
  readonly #slots: OperationSlots;
  readonly #reasons: FailureReasons;
  #wish: AnswerWish = NO_TENSORS;
  #slot = 0;
  /** The message of a unary call, or the last one of a stream that somebody may read. */
  readonly #message = new KeptBytes();
  #last: InferResponse | undefined;
  #outputs: Outputs | undefined;
  readonly #kept: Outputs[] = [];
  #count = 0;
  #firstResponseNs = Number.NaN;
  #lastResponseNs = Number.NaN;
  #problem = '';
  #error = '';
  /** What the last response says; undefined where the server says nothing of the kind. */
  #isFinal: boolean | undefined;

  constructor({ slots, reasons }: Surroundings) {
    this.#slots = slots;
    this.#reasons = reasons;
  }

  /** Of the last response. */
  get outputs(): Outputs | undefined {
    if (this.#last === undefined) return undefined;
    return (this.#outputs ??= outputsOf(this.#last));
  }

  get responses(): readonly Outputs[] {
    if (this.#wish.keepsResponses && this.#wish.kind === 'stream') return this.#kept;
    return this.outputs === undefined ? [] : [this.outputs];
  }

  get parameters(): Readonly<Record<string, unknown>> | undefined {
    return this.#last?.parameters;
  }

  /** What the server said within a stream that it had begun. */
  get streamError(): string | undefined {
    return this.#error === '' ? undefined : this.#error;
  }

  /** Forgets the answer before. */
  clear(): void {
    this.#wish = NO_TENSORS;
    this.#message.clear();
    this.#last = undefined;
    this.#outputs = undefined;
    this.#kept.length = 0;
    this.#count = 0;
    this.#firstResponseNs = Number.NaN;
    this.#lastResponseNs = Number.NaN;
    this.#problem = '';
    this.#error = '';
    this.#isFinal = undefined;
  }

  begin({ operation }: GrpcRequest, slot: number): void {
    const { wish = NO_TENSORS } = operation as Partial<KserveGrpcOperation>;
    this.#wish = wish;
    this.#slot = slot;
  }

  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean {
    if (this.#wish.kind === 'unary') this.#message.append(bytes, from, to);
    if (this.#wish.kind === 'stream') this.#takeStreamed(bytes.subarray(from, to), stampNs);
    return this.#problem === '';
  }

  judge(outcome: number): number {
    if (outcome !== OUTCOME.ok || this.#wish.kind === 'none') return outcome;
    if (this.#wish.kind === 'stream') return this.#judgeStream();
    const { bytes, length } = this.#message;
    this.#last = this.#read(() => readInferResponse(bytes.subarray(0, length)));
    if (this.#last === undefined) return this.#fault();
    this.#problem = responseProblem(this.#last, this.#wish.outputs) ?? '';
    return this.#fault();
  }

  end(slot: number): void {
    const sentNs = this.#slots.sent[slot]!;
    this.#slots.phases[FIRST_RESPONSE_TIME]![slot] = this.#firstResponseNs - sentNs;
  }

  #takeStreamed(bytes: Buffer, stampNs: number): void {
    const read = this.#read(() => readStreamResponse(bytes));
    if (read === undefined) return;
    if (read.error !== '') {
      this.#error = read.error;
      return;
    }
    const { response } = read;
    if (response === undefined) return;
    const flag = response.parameters[FINAL_PARAMETER];
    this.#isFinal = flag === undefined ? undefined : flag === true;
    // The empty response that only says that it is the last one is none.
    if (this.#isFinal === true && response.outputs.length === 0) return;
    this.#problem = responseProblem(response, this.#wish.outputs) ?? '';
    this.#keep(bytes);
    this.#count++;
    if (this.#count === 1) this.#firstResponseNs = stampNs;
    else {
      this.#slots.samples[RESPONSE_GAP]!.add(this.#slot, stampNs - this.#lastResponseNs);
    }
    this.#lastResponseNs = stampNs;
    this.#slots.counts[RESPONSES]![this.#slot]!++;
  }

  /** The bytes that were read are gone when the next ones come. */
  #keep(bytes: Buffer): void {
    this.#last = readStreamResponse(Buffer.from(bytes)).response;
    this.#outputs = undefined;
    if (this.#wish.keepsResponses && this.#kept.length < RESPONSES_KEPT_LIMIT) {
      this.#kept.push(this.outputs!);
    }
  }

  #judgeStream(): number {
    if (this.#error !== '') {
      this.#reasons.count('an error within the stream');
      return OUTCOME.status_error;
    }
    if (this.#problem === '' && this.#isFinal === false) {
      this.#problem = 'the stream ended without its final response';
    }
    return this.#fault();
  }

  #read<Message>(read: () => Message): Message | undefined {
    try {
      return read();
    } catch {
      // What protobufjs says names offsets, which are not the same twice.
      this.#problem = 'a message that is no response';
      return undefined;
    }
  }

  #fault(): number {
    if (this.#problem === '') return OUTCOME.ok;
    this.#reasons.count(this.#problem);
    return OUTCOME.protocol_error;
  }
}

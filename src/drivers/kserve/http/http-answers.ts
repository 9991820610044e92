import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { FailureReasons } from '../../vocabulary/failure-reasons.ts';
import type { AnswerReader } from '../../vocabulary/http/answer-reader.ts';
import type { HttpRequest } from '../../vocabulary/http/http-request.ts';
import { valuesOf } from '../../wire/http1/field-line.ts';
import { KeptBytes } from '../../wire/http1/kept-bytes.ts';
import { NO_TENSORS, type AnswerWish } from '../kserve-operation.ts';
import { FIRST_RESPONSE_TIME, RESPONSE_GAP, RESPONSES } from '../kserve-metrics.ts';
import type { Outputs } from '../outputs.ts';
import { InferAnswer } from './infer-answer.ts';
import type { KserveHttpOperation } from './infer-request.ts';
import { StreamedResponses } from './streamed-responses.ts';

const JSON_LENGTH_HEADER = 'inference-header-content-length';

interface Surroundings {
  readonly slots: OperationSlots;
  readonly reasons: FailureReasons;
}

/** Reads the answers of one session: tensors, or a stream of responses. */
export class HttpAnswers implements AnswerReader {
  readonly #slots: OperationSlots;
  readonly #reasons: FailureReasons;
  /** Status line and header lines of the answer. */
  readonly #head: () => KeptBytes;
  readonly #body = new KeptBytes();
  readonly #answer = new InferAnswer();
  readonly #stream = new StreamedResponses();
  #wish: AnswerWish = NO_TENSORS;
  #slot = 0;
  #firstResponseNs = Number.NaN;
  #lastResponseNs = Number.NaN;

  constructor({ slots, reasons }: Surroundings, head: () => KeptBytes) {
    this.#slots = slots;
    this.#reasons = reasons;
    this.#head = head;
  }

  /** Of the last response. */
  get outputs(): Outputs | undefined {
    return this.#wish.kind === 'stream' ? this.#stream.kept.at(-1) : this.#answer.outputs;
  }

  get responses(): readonly Outputs[] {
    if (this.#wish.kind === 'stream') return this.#stream.kept;
    return this.#answer.outputs === undefined ? [] : [this.#answer.outputs];
  }

  get parameters(): Readonly<Record<string, unknown>> | undefined {
    return this.#answer.parameters;
  }

  /** What the server said within a stream that it had begun. */
  get streamError(): string | undefined {
    return this.#stream.error === '' ? undefined : this.#stream.error;
  }

  /** Forgets the answer before. */
  clear(): void {
    this.#answer.clear();
    this.#stream.begin(false);
    this.#body.clear();
    this.#firstResponseNs = Number.NaN;
    this.#lastResponseNs = Number.NaN;
    this.#wish = NO_TENSORS;
  }

  begin({ operation }: HttpRequest, slot: number): void {
    this.#slot = slot;
    const { wish = NO_TENSORS } = operation as Partial<KserveHttpOperation>;
    this.#wish = wish;
    if (wish.kind === 'stream') this.#stream.begin(wish.keepsResponses);
  }

  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean {
    if (this.#wish.kind === 'unary') this.#body.append(bytes, from, to);
    if (this.#wish.kind === 'stream') this.#takeStreamed(bytes, from, to, stampNs);
    return true;
  }

  judge(outcome: number): number {
    if (outcome !== OUTCOME.ok || this.#wish.kind === 'none') return outcome;
    if (this.#wish.kind === 'stream') return this.#judgeStream();
    const [text] = valuesOf(this.#head().bytes, this.#head().length, JSON_LENGTH_HEADER);
    const jsonBytes = text === undefined ? undefined : Number(text);
    return this.#fault(this.#answer.problem(this.#body, jsonBytes, this.#wish.outputs) ?? '');
  }

  end(slot: number): void {
    const sentNs = this.#slots.sent[slot]!;
    this.#slots.phases[FIRST_RESPONSE_TIME]![slot] = this.#firstResponseNs - sentNs;
  }

  #takeStreamed(bytes: Buffer, from: number, to: number, stampNs: number): void {
    const before = this.#stream.count;
    this.#stream.take(bytes, from, to);
    const { counts, samples } = this.#slots;
    for (let response = before; response < this.#stream.count; response++) {
      if (response === 0) this.#firstResponseNs = stampNs;
      else samples[RESPONSE_GAP]!.add(this.#slot, stampNs - this.#lastResponseNs);
      this.#lastResponseNs = stampNs;
      counts[RESPONSES]![this.#slot]!++;
    }
  }

  #judgeStream(): number {
    const { error, problem } = this.#stream;
    if (error === '') return this.#fault(problem);
    this.#reasons.count('an error within the stream');
    return OUTCOME.status_error;
  }

  #fault(problem: string): number {
    if (problem === '') return OUTCOME.ok;
    this.#reasons.count(problem);
    return OUTCOME.protocol_error;
  }
}

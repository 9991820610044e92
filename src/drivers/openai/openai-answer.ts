import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { FailureReasons } from '../vocabulary/failure-reasons.ts';
import type { AnswerReader } from '../vocabulary/http/answer-reader.ts';
import type { HttpRequest } from '../vocabulary/http/http-request.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import { recordDialects } from './dialects/record-dialects.ts';
import type { DialectPlace } from './dialects/dialect.ts';
import type { OpenaiRequest } from './openai-request.ts';
import { OpenaiResult } from './openai-result.ts';
import { clearPhases, recordAnswer, recordStream } from './record-answer.ts';
import { StreamedAnswer } from './stream/streamed-answer.ts';
import type { TokenUsage } from './token-usage.ts';
import { readWholeAnswer } from './whole-answer.ts';

/** What the answers of all sessions of a target share. */
export interface AnswerSurroundings {
  readonly slots: OperationSlots;
  readonly wheel: TimerWheel;
  readonly reasons: FailureReasons;
  /** A stream is not whole without [DONE]. */
  readonly needsDone: boolean;
  /** Other tools' definitions that are asked for. */
  readonly dialects: readonly DialectPlace[];
}

/** Reads the answers of one session, streamed or whole, and writes what they were into the slot. */
export class OpenaiAnswer implements AnswerReader {
  readonly #shared: AnswerSurroundings;
  /** Hangs up. */
  readonly #cancelTimer: number;
  readonly #stream = new StreamedAnswer();
  #http!: HttpSession;
  #result!: OpenaiResult;
  #request: OpenaiRequest | undefined;
  #usage: TokenUsage | undefined;

  constructor(shared: AnswerSurroundings, cancelTimer: number) {
    this.#shared = shared;
    this.#cancelTimer = cancelTimer;
  }

  /** The session whose answers these are. */
  belongsTo(http: HttpSession): OpenaiResult {
    this.#http = http;
    this.#result = new OpenaiResult(http);
    return this.#result;
  }

  begin(request: HttpRequest, _slot: number, grantedNs: number): void {
    const { operation, cancelAfterNs } = request as OpenaiRequest;
    const { needsDone, wheel } = this.#shared;
    this.#request = request as OpenaiRequest;
    this.#usage = undefined;
    this.#result.begin();
    if (operation.stream) {
      // Transcriptions end by an event of their own, or by [DONE].
      this.#stream.begin({ needsDone, keepsText: operation.keepsText });
    }
    if (cancelAfterNs !== undefined) wheel.arm(this.#cancelTimer, grantedNs + cancelAfterNs);
  }

  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean {
    if (!this.#request!.operation.stream) return true;
    return this.#stream.take(bytes, from, to, stampNs);
  }

  judge(outcome: number): number {
    if (outcome !== OUTCOME.ok) return outcome;
    const failure = this.#request!.operation.stream ? this.#judgeStream() : this.#judgeWhole();
    if (failure === undefined) return outcome;
    this.#shared.reasons.count(failure.reason);
    return failure.outcome;
  }

  end(slot: number): void {
    const { slots, wheel, dialects } = this.#shared;
    const request = this.#request;
    this.#request = undefined;
    wheel.cancel(this.#cancelTimer);
    clearPhases(slots, slot);
    if (request === undefined || slots.outcome[slot] !== OUTCOME.ok) return;
    recordAnswer({ slots, slot, request, usage: this.#usage });
    if (!request.operation.stream) return;
    const { events } = this.#stream;
    recordStream({ slots, slot, events, usage: this.#usage });
    if (dialects.length > 0) recordDialects(dialects, { slots, slot, events, usage: this.#usage });
  }

  #judgeStream() {
    const stream = this.#stream;
    this.#usage = stream.usage;
    const failure = stream.failure();
    if (failure === undefined) this.#result.fill(stream.usage, () => stream.text);
    return failure;
  }

  #judgeWhole() {
    const { json, text: body = '' } = this.#http.result as { json: unknown; text?: string };
    const { text, usage, failure } = readWholeAnswer(this.#request!.operation.verb, body, json);
    this.#usage = usage;
    if (failure === undefined) this.#result.fill(usage, () => text);
    return failure;
  }
}

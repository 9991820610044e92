import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import { SseParser } from '../../wire/sse/sse-parser.ts';
import type { TokenUsage } from '../token-usage.ts';
import { ChunkMemo } from './chunk-memo.ts';
import { readEvent, type EventFacts, type ServerError } from './read-event.ts';
import { BROUGHT, STREAM_EVENTS_LIMIT, StreamEvents, TOKEN_BITS } from './stream-events.ts';

/** `[DONE]` */
const DONE = Buffer.from('[DONE]');
const OPENING_BRACE = 0x7b;
/** A chunk with text of the answer and nothing else. */
const TEXT_ONLY = BROUGHT.choices | BROUGHT.content;
/** Nothing says which chunk brought which of them. */
const TOKENS_WITHOUT_TEXT = 'stream whose tokens have no text; usage: continuous times them';

export interface StreamRules {
  /** Without [DONE], or an event that says as much, a stream is not whole. */
  readonly needsDone: boolean;
  readonly keepsText: boolean;
}

/** Why a stream is no answer. */
export interface StreamFailure {
  readonly outcome: number;
  readonly reason: string;
}

/** Reads one streamed answer after another as they come; `failure` says what each of them is. */
export class StreamedAnswer {
  readonly events = new StreamEvents();
  usage: TokenUsage | undefined;
  readonly #parser: SseParser;
  readonly #memo = new ChunkMemo();
  readonly #texts: string[] = [];
  #rules: StreamRules = { needsDone: true, keepsText: false };
  #failure: StreamFailure | undefined;
  #stampNs = 0;
  #hasToken = false;
  #isDone = false;
  #countedTokens = 0;
  #firstByte = -1;

  constructor() {
    this.#parser = new SseParser((bytes, from, to) => this.#takeEvent(bytes, from, to));
  }

  /** The text of the answer, where it is kept. */
  get text(): string {
    return this.#texts.join('');
  }

  begin(rules: StreamRules): void {
    this.#rules = rules;
    this.events.clear();
    this.#parser.begin();
    this.#memo.begin();
    this.usage = undefined;
    this.#texts.length = 0;
    this.#failure = undefined;
    this.#hasToken = false;
    this.#isDone = false;
    this.#countedTokens = 0;
    this.#firstByte = -1;
  }

  /** False when this cannot become an answer any more. */
  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean {
    if (this.#firstByte === -1 && from < to) this.#firstByte = bytes[from]!;
    this.#stampNs = stampNs;
    this.#parser.take(bytes, from, to);
    if (this.#parser.reason !== '') this.#fail(OUTCOME.protocol_error, this.#parser.reason);
    return this.#failure === undefined;
  }

  /** Of a stream that has ended; undefined where it is whole. */
  failure(): StreamFailure | undefined {
    if (this.#failure !== undefined) return this.#failure;
    const reason = this.#incompleteReason();
    return reason === undefined ? undefined : { outcome: OUTCOME.protocol_error, reason };
  }

  #incompleteReason(): string | undefined {
    if (this.events.length === 0 && this.#firstByte === OPENING_BRACE) {
      return 'JSON where a stream of events was asked for';
    }
    if (this.#parser.isWithinEvent) return 'stream cut off within an event';
    if (!this.#hasToken) {
      const tokens = this.usage?.output ?? 0;
      return tokens > 0 ? TOKENS_WITHOUT_TEXT : 'stream without a token';
    }
    if (this.#rules.needsDone && !this.#isDone) return 'stream without [DONE]';
    return undefined;
  }

  #takeEvent(bytes: Buffer, from: number, to: number): void {
    if (this.#failure !== undefined || this.#isDone) return;
    if (to - from === DONE.length && DONE.compare(bytes, from, to) === 0) {
      this.#isDone = true;
      return;
    }
    if (this.#memo.matches(bytes, from, to)) {
      this.#noteText(bytes, this.#memo.textFrom, this.#memo.textTo);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8', from, to));
    } catch {
      this.#fail(OUTCOME.protocol_error, 'event that is no JSON');
      return;
    }
    const facts = readEvent(value);
    this.#note(facts);
    if (facts.bits === TEXT_ONLY && facts.usage === undefined) {
      this.#memo.remember(bytes, from, to, facts.text);
    }
  }

  /** A chunk like the one before, but for its text. */
  #noteText(bytes: Buffer, from: number, to: number): void {
    if (!this.events.add(this.#stampNs, TEXT_ONLY, Number.NaN)) this.#failTooLong();
    if (this.#rules.keepsText) this.#texts.push(bytes.toString('utf8', from, to));
  }

  #note(facts: EventFacts): void {
    const { usage, error, text } = facts;
    if (error !== undefined) {
      this.#failByServer(error);
      return;
    }
    if (usage !== undefined) this.usage = usage;
    const output = usage?.output ?? Number.NaN;
    let { bits } = facts;
    const isChunk = (bits & BROUGHT.choices) !== 0;
    if (isChunk && output > this.#countedTokens && (bits & TOKEN_BITS) === 0) {
      bits |= BROUGHT.countedToken;
    }
    if (output > this.#countedTokens) this.#countedTokens = output;
    if ((bits & TOKEN_BITS) !== 0) this.#hasToken = true;
    // The count at the end is not that of a chunk.
    if (!this.events.add(this.#stampNs, bits, isChunk ? output : Number.NaN)) {
      this.#failTooLong();
    }
    if (this.#rules.keepsText && text !== '') this.#texts.push(text);
    if (facts.isLast) this.#isDone = true;
  }

  #failTooLong(): void {
    this.#fail(OUTCOME.protocol_error, `more than ${STREAM_EVENTS_LIMIT} events`);
  }

  #failByServer({ code, isOverload }: ServerError): void {
    const outcome = isOverload ? OUTCOME.rejected : OUTCOME.status_error;
    this.#fail(outcome, `error in the stream: ${code}`);
  }

  #fail(outcome: number, reason: string): void {
    this.#failure ??= { outcome, reason };
  }
}

import { BROUGHT, TOKEN_BITS, type StreamEvents } from './stream-events.ts';

/** The definitions of docs/openai.md, in ns after the epoch of the stamps; NaN where undefined. */
export interface StreamTimes {
  /** Of the first event of any kind. */
  readonly firstChunkNs: number;
  /** Of the first content chunk. */
  readonly firstTokenNs: number;
  /** Of the first content chunk that is no reasoning. */
  readonly firstAnswerNs: number;
  readonly lastTokenNs: number;
  readonly contentChunks: number;
  /** Tokens that the first content chunk brought; NaN where the server does not say. */
  readonly firstChunkTokens: number;
}

const ANSWER_BITS = BROUGHT.content | BROUGHT.toolCall;

export function streamTimes({ length, stamps, brought, tokens }: StreamEvents): StreamTimes {
  let firstToken = -1;
  let firstAnswer = -1;
  let lastToken = -1;
  let contentChunks = 0;
  for (let i = 0; i < length; i++) {
    const bits = brought[i]!;
    if ((bits & TOKEN_BITS) === 0) continue;
    if (firstToken === -1) firstToken = i;
    if (firstAnswer === -1 && (bits & ANSWER_BITS) !== 0) firstAnswer = i;
    lastToken = i;
    contentChunks++;
  }
  const at = (index: number): number => (index === -1 ? Number.NaN : stamps[index]!);
  return {
    firstChunkNs: at(length === 0 ? -1 : 0),
    firstTokenNs: at(firstToken),
    firstAnswerNs: at(firstAnswer),
    lastTokenNs: at(lastToken),
    contentChunks,
    firstChunkTokens: firstToken === -1 ? Number.NaN : tokens[firstToken]!,
  };
}

/**
 * Time per output token: (last − first content chunk) ÷ (output tokens − tokens of the first
 * chunk), 1 where that is unknown. NaN for one token, or where their number is not known.
 */
export function timePerOutputToken(times: StreamTimes, outputTokens: number): number {
  const { firstChunkTokens } = times;
  const first = Number.isNaN(firstChunkTokens) ? 1 : firstChunkTokens;
  const others = outputTokens - first;
  return others > 0 ? (times.lastTokenNs - times.firstTokenNs) / others : Number.NaN;
}

/** Calls `take` with each gap between one content chunk and the next. */
export function eachTokenGap(events: StreamEvents, take: (gapNs: number) => void): void {
  eachGap(events, TOKEN_BITS, take);
}

/** Calls `take` with each gap between two events that follow one another and have one of `bits`. */
export function eachGap(
  { length, stamps, brought }: StreamEvents,
  bits: number,
  take: (gapNs: number) => void,
): void {
  let previousNs = Number.NaN;
  for (let i = 0; i < length; i++) {
    if ((brought[i]! & bits) === 0) continue;
    const stampNs = stamps[i]!;
    if (!Number.isNaN(previousNs)) take(stampNs - previousNs);
    previousNs = stampNs;
  }
}

/** Calls `take` with the tokens of each content chunk, where the server counts them in each. */
export function eachChunkTokens(
  { length, brought, tokens }: StreamEvents,
  take: (count: number) => void,
): void {
  let before = 0;
  for (let i = 0; i < length; i++) {
    const soFar = tokens[i]!;
    if ((brought[i]! & TOKEN_BITS) === 0 || Number.isNaN(soFar)) continue;
    take(soFar - before);
    before = soFar;
  }
}

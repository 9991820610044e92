import { BROUGHT, TOKEN_BITS } from '../stream/stream-events.ts';
import type { Dialect, StreamFacts } from './dialect.ts';

/** Stamps of chunks with content: reasoning and tool calls are no tokens to this tool. */
function contentTimes({ events: { length, stamps, brought } }: StreamFacts): {
  readonly firstNs: number;
  readonly lastNs: number;
} {
  let firstNs = Number.NaN;
  let lastNs = Number.NaN;
  for (let i = 0; i < length; i++) {
    if ((brought[i]! & BROUGHT.content) === 0) continue;
    lastNs = stamps[i]!;
    if (Number.isNaN(firstNs)) firstNs = lastNs;
  }
  return { firstNs, lastNs };
}

/** Its tokens, spread into chunks: those of one chunk come at the same instant, 0 ns apart. */
function eachTokenOfChunks({ events }: StreamFacts, take: (gapNs: number) => void): void {
  const { length, stamps, brought, tokens } = events;
  let previousNs = Number.NaN;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const bits = brought[i]!;
    if ((bits & TOKEN_BITS) === 0) continue;
    const soFar = Number.isNaN(tokens[i]!) ? before + 1 : tokens[i]!;
    if ((bits & BROUGHT.content) !== 0) {
      if (!Number.isNaN(previousNs)) take(stamps[i]! - previousNs);
      for (let other = before + 1; other < soFar; other++) take(0);
      previousNs = stamps[i]!;
    }
    before = soFar;
  }
}

function timePerToken(stream: StreamFacts): number {
  const { firstNs, lastNs } = contentTimes(stream);
  return stream.outputTokens > 1 ? (lastNs - firstNs) / (stream.outputTokens - 1) : Number.NaN;
}

const latency = ({ doneNs, sentNs }: StreamFacts): number => doneNs - sentNs;

export const inferencePerf: Dialect = {
  title: 'inference-perf',
  source: 'inference-perf 0.7, inference_perf/reportgen/base.py',
  metrics: [
    {
      name: 'inference_perf_ttft',
      word: 'time to first token',
      formula: 'first chunk with content − sent; reasoning does not count',
      value: (stream) => contentTimes(stream).firstNs - stream.sentNs,
    },
    {
      name: 'inference_perf_itl',
      word: 'inter token latency',
      formula: 'each gap between tokens, those of one chunk 0 apart, of all requests together',
      each: eachTokenOfChunks,
    },
    {
      name: 'inference_perf_tpot',
      word: 'time per output token',
      formula: '(last − first chunk with content) ÷ (output tokens − 1)',
      value: timePerToken,
    },
    {
      name: 'inference_perf_ntpot',
      word: 'normalized time per output token',
      formula: 'request latency ÷ output tokens',
      value: (stream) =>
        stream.outputTokens > 0 ? latency(stream) / stream.outputTokens : Number.NaN,
    },
    {
      name: 'inference_perf_request_latency',
      word: 'request latency',
      formula: 'end of the answer − sent',
      value: latency,
    },
  ],
};

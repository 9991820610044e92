import { BROUGHT } from '../stream/stream-events.ts';
import { eachGap } from '../stream/stream-times.ts';
import type { Dialect, StreamFacts } from './dialect.ts';

/** vLLM times every chunk that has choices, whether or not it has text. */
function firstChoiceNs(stream: StreamFacts): number {
  const { length, stamps, brought } = stream.events;
  for (let i = 0; i < length; i++) if ((brought[i]! & BROUGHT.choices) !== 0) return stamps[i]!;
  return Number.NaN;
}

function lastChoiceNs(stream: StreamFacts): number {
  const { length, stamps, brought } = stream.events;
  for (let i = length - 1; i >= 0; i--) {
    if ((brought[i]! & BROUGHT.choices) !== 0) return stamps[i]!;
  }
  return Number.NaN;
}

const ttft = (stream: StreamFacts): number => firstChoiceNs(stream) - stream.sentNs;
const e2el = (stream: StreamFacts): number => lastChoiceNs(stream) - stream.sentNs;

export const vllm: Dialect = {
  title: 'vllm bench serve',
  source: 'vllm 0.32, vllm/benchmarks/serve.py and lib/endpoint_request_func.py',
  metrics: [
    {
      name: 'vllm_ttft',
      word: 'TTFT',
      formula: 'first chunk with choices, also one that only names a role − sent',
      value: ttft,
    },
    {
      name: 'vllm_itl',
      word: 'ITL',
      formula: 'each gap between chunks with choices, of all requests together',
      each: (stream, take) => eachGap(stream.events, BROUGHT.choices, take),
    },
    {
      name: 'vllm_tpot',
      word: 'TPOT',
      formula: '(E2EL − TTFT) ÷ (output tokens − 1), of requests with more than one',
      value: (stream) =>
        stream.outputTokens > 1
          ? (e2el(stream) - ttft(stream)) / (stream.outputTokens - 1)
          : Number.NaN,
    },
    {
      name: 'vllm_e2el',
      word: 'E2EL',
      formula: 'last chunk with choices − sent; the chunk with the usage does not count',
      value: e2el,
    },
  ],
};

import type { Dialect, StreamFacts } from './dialect.ts';

const { NaN: NONE } = Number;

export const guidellm: Dialect = {
  title: 'GuideLLM',
  source: 'guidellm 0.8, guidellm/schemas/base/request_stats.py',
  metrics: [
    {
      name: 'guidellm_ttft',
      word: 'time to first token',
      formula: 'first chunk with content, reasoning or a tool call − sent',
      value: ({ times, sentNs }) => times.firstTokenNs - sentNs,
    },
    {
      name: 'guidellm_itl',
      word: 'inter token latency',
      formula: '(last − first content chunk) ÷ (output tokens − 1): one mean a request',
      value: ({ times, outputTokens }: StreamFacts) =>
        outputTokens > 1 ? (times.lastTokenNs - times.firstTokenNs) / (outputTokens - 1) : NONE,
    },
    {
      name: 'guidellm_tpot',
      word: 'time per output token',
      formula: '(last content chunk − sent) ÷ output tokens: the first token is in it',
      value: ({ times, sentNs, outputTokens }: StreamFacts) =>
        outputTokens > 0 ? (times.lastTokenNs - sentNs) / outputTokens : NONE,
    },
    {
      name: 'guidellm_request_latency',
      word: 'request latency',
      formula: 'end of the stream − sent',
      value: ({ doneNs, sentNs }) => doneNs - sentNs,
    },
  ],
};

import type { Dialect } from './dialect.ts';

export const mlperf: Dialect = {
  title: 'MLPerf Inference',
  source: 'mlcommons/inference_policies, inference_rules.adoc; mlcommons/endpoints',
  metrics: [
    {
      name: 'mlperf_ttft',
      word: 'TTFT',
      formula: 'first chunk with content, reasoning or a tool call − when it was scheduled',
      value: ({ times, intendedNs }) => times.firstTokenNs - intendedNs,
    },
    {
      name: 'mlperf_tpot',
      word: 'TPOT',
      formula: '(last − first content chunk) ÷ (output tokens − 1)',
      value: ({ times, outputTokens }) =>
        outputTokens > 1
          ? (times.lastTokenNs - times.firstTokenNs) / (outputTokens - 1)
          : Number.NaN,
    },
    {
      name: 'mlperf_latency',
      word: 'latency',
      formula: 'end of the answer − when it was scheduled',
      value: ({ doneNs, intendedNs }) => doneNs - intendedNs,
    },
  ],
};

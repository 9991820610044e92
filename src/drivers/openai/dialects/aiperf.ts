import { eachTokenGap, timePerOutputToken } from '../stream/stream-times.ts';
import type { Dialect, StreamFacts } from './dialect.ts';

const latency = ({ times, sentNs }: StreamFacts): number => times.lastTokenNs - sentNs;
const ttft = ({ times, sentNs }: StreamFacts): number => times.firstTokenNs - sentNs;

function secondTokenGap({ events }: StreamFacts): number {
  let second = Number.NaN;
  eachTokenGap(events, (gapNs) => {
    if (Number.isNaN(second)) second = gapNs;
  });
  return second;
}

export const aiperf: Dialect = {
  title: 'AIPerf',
  source: 'aiperf 0.13, aiperf/metrics/types',
  metrics: [
    {
      name: 'aiperf_ttft',
      word: 'TTFT',
      formula: 'first chunk with content or reasoning − sent',
      value: ttft,
    },
    {
      name: 'aiperf_ttst',
      word: 'TTST',
      formula: 'second − first content chunk',
      value: secondTokenGap,
    },
    {
      name: 'aiperf_itl',
      word: 'ITL',
      formula:
        '(request latency − TTFT) ÷ (output tokens − tokens of the first chunk, 1 where unknown): one mean a request',
      // (last − sent) − (first − sent): the same as our own.
      value: ({ times, outputTokens }) => timePerOutputToken(times, outputTokens),
    },
    {
      name: 'aiperf_icl',
      word: 'ICL',
      formula: 'each gap between content chunks, of all requests together',
      each: ({ events }, take) => eachTokenGap(events, take),
    },
    {
      name: 'aiperf_request_latency',
      word: 'request latency',
      formula: 'last content chunk − sent',
      value: latency,
    },
  ],
};

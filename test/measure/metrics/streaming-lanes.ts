import { RETRIES } from '../../../src/drivers/vocabulary/retries.ts';
import type { MetricDeclaration } from '../../../src/measure/metrics/metric.ts';
import type { LanePlan } from '../../../src/measure/metrics/series-layout.ts';

function declared(
  name: string,
  kind: MetricDeclaration['kind'],
  unit: MetricDeclaration['unit'],
): MetricDeclaration {
  return { name, kind, unit, description: name, better: 'neither' };
}

const TTFT = declared('ttft', 'histogram', 'ns');
export const TOKENS_IN_FIRST = declared('tokens_in_first_chunk', 'histogram', 'count');
const OUTPUT_TOKENS = declared('output_tokens', 'counter', 'count');
const GAP = declared('inter_token_latency', 'histogram', 'ns');
const CHUNK_BYTES = declared('chunk_bytes', 'histogram', 'bytes');

/** Two steps of one driver, the second of which streams nothing, and one of a driver without. */
export const STREAMING_LANES: readonly LanePlan[] = [
  {
    flow: 0,
    step: 'chat',
    target: 'llm',
    tags: {},
    phases: [TTFT, TOKENS_IN_FIRST],
    counters: [OUTPUT_TOKENS, RETRIES],
    sampled: [GAP, CHUNK_BYTES],
  },
  {
    flow: 0,
    step: 'embed',
    target: 'llm',
    tags: {},
    phases: [undefined, undefined],
    counters: [undefined, RETRIES],
    sampled: [undefined, undefined],
  },
  { flow: 0, step: 'health', target: 'web', tags: {}, phases: [] },
];

import { z } from 'zod';
import { defineExecutor } from './executor-definition.ts';
import { maxDurationKey, vusKey } from './load-keys.ts';

export interface PerVuIterationsLoad {
  readonly executor: 'per-vu-iterations';
  readonly vus: number;
  /** Of each VU. */
  readonly iterations: number;
  readonly maxDurationNs?: number;
}

const iterationsOfEachKey = z
  .int()
  .min(1, 'at least one iteration')
  .default(1)
  .meta({ description: 'How many iterations each VU runs.' });

export const perVuIterations = defineExecutor({
  name: 'per-vu-iterations',
  summary:
    'Every VU runs the same number of iterations. VU k of n reads the rows k, n + k, 2n + k and so on.',
  timed: 'constant-vus',
  keys: { vus: vusKey, iterations: iterationsOfEachKey, maxDuration: maxDurationKey },
  ends: ['iterations', 'maxDuration'],
  problems: () => [],
  load: ({ vus, iterations, maxDuration }): PerVuIterationsLoad => ({
    executor: 'per-vu-iterations',
    vus,
    iterations,
    ...(maxDuration !== undefined && { maxDurationNs: maxDuration }),
  }),
  model: ({ vus, iterations, maxDurationNs = Infinity }) => ({
    kind: 'closed',
    vus,
    iterations: vus * iterations,
    iterationsPerVu: iterations,
    durationNs: maxDurationNs,
  }),
});

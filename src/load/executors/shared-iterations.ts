import { defineExecutor } from './executor-definition.ts';
import { iterationsKey, maxDurationKey, vusKey } from './load-keys.ts';

export interface SharedIterationsLoad {
  readonly executor: 'shared-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly maxDurationNs?: number;
}

export const sharedIterations = defineExecutor({
  name: 'shared-iterations',
  summary: 'VUs share a number of iterations: whoever is free takes the next.',
  timed: 'constant-vus',
  keys: { vus: vusKey, iterations: iterationsKey.default(1), maxDuration: maxDurationKey },
  ends: ['iterations', 'maxDuration'],
  problems: () => [],
  load: ({ vus, iterations, maxDuration }): SharedIterationsLoad => ({
    executor: 'shared-iterations',
    vus,
    iterations,
    ...(maxDuration !== undefined && { maxDurationNs: maxDuration }),
  }),
  model: ({ vus, iterations, maxDurationNs = Infinity }) => ({
    kind: 'closed',
    vus,
    iterations,
    durationNs: maxDurationNs,
  }),
});

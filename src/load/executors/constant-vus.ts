import { defineExecutor } from './executor-definition.ts';
import {
  durationKey,
  iterationsKey,
  minDurationKey,
  minimaOf,
  minimaProblems,
  minSamplesKey,
  vusKey,
} from './load-keys.ts';
import type { Minima } from './load-model.ts';

export interface ConstantVusLoad {
  readonly executor: 'constant-vus';
  readonly vus: number;
  readonly durationNs?: number;
  readonly iterations?: number;
  readonly minima?: Minima;
}

export const constantVus = defineExecutor({
  name: 'constant-vus',
  summary: 'A fixed number of VUs, each running one iteration after another.',
  keys: {
    vus: vusKey,
    duration: durationKey.optional(),
    iterations: iterationsKey.optional(),
    minDuration: minDurationKey,
    minSamples: minSamplesKey,
  },
  ends: ['duration', 'iterations', 'minDuration', 'minSamples'],
  problems: minimaProblems,
  load: ({ vus, duration, iterations, minDuration, minSamples }): ConstantVusLoad => ({
    executor: 'constant-vus',
    vus,
    ...(duration !== undefined && { durationNs: duration }),
    ...(iterations !== undefined && { iterations }),
    ...minimaOf({ minDuration, minSamples }),
  }),
  model: ({ vus, iterations, durationNs = Infinity, minima }) => ({
    kind: 'closed',
    vus,
    iterations,
    durationNs,
    ...(minima !== undefined && { minima }),
  }),
});

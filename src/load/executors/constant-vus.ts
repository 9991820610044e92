import { defineExecutor } from './executor-definition.ts';
import { durationKey, endProblems, iterationsKey, vusKey } from './load-keys.ts';

export interface ConstantVusLoad {
  readonly executor: 'constant-vus';
  readonly vus: number;
  readonly durationNs?: number;
  readonly iterations?: number;
}

export const constantVus = defineExecutor({
  name: 'constant-vus',
  summary: 'A fixed number of VUs, each running one iteration after another.',
  keys: {
    vus: vusKey,
    duration: durationKey.optional(),
    iterations: iterationsKey.optional(),
  },
  ends: ['duration', 'iterations'],
  problems: endProblems,
  load: ({ vus, duration, iterations }): ConstantVusLoad => ({
    executor: 'constant-vus',
    vus,
    ...(duration !== undefined && { durationNs: duration }),
    ...(iterations !== undefined && { iterations }),
  }),
  model: ({ vus, iterations, durationNs = Infinity }) => ({
    kind: 'closed',
    vus,
    iterations,
    durationNs,
  }),
});

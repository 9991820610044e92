import { RateCurve } from '../pacing/rate-curve.ts';
import { defineExecutor } from './executor-definition.ts';
import {
  durationKey,
  endProblems,
  iterationsKey,
  lateProblems,
  openKeys,
  openLoad,
  rateKey,
  type OpenLoad,
} from './load-keys.ts';

export interface ConstantArrivalRateLoad extends OpenLoad {
  readonly executor: 'constant-arrival-rate';
  readonly ratePerSecond: number;
  readonly durationNs?: number;
  readonly iterations?: number;
}

export const constantArrivalRate = defineExecutor({
  name: 'constant-arrival-rate',
  summary: 'Iterations arrive at a fixed rate, whatever the server does.',
  keys: {
    rate: rateKey,
    duration: durationKey.optional(),
    iterations: iterationsKey.optional(),
    ...openKeys,
  },
  ends: ['duration', 'iterations'],
  problems: (values) => [...endProblems(values), ...lateProblems(values)],
  load: (values): ConstantArrivalRateLoad => ({
    executor: 'constant-arrival-rate',
    ratePerSecond: values.rate,
    ...(values.duration !== undefined && { durationNs: values.duration }),
    ...(values.iterations !== undefined && { iterations: values.iterations }),
    ...openLoad(values),
  }),
  model: (load) => ({
    kind: 'open',
    curve: RateCurve.constant(load.ratePerSecond, load.durationNs),
    arrival: load.arrival,
    iterations: load.iterations,
    maxInFlight: load.maxInFlight,
    whenLate: load.whenLate,
    maxLatenessNs: load.maxLatenessNs ?? Infinity,
  }),
});

import { RateCurve } from '../pacing/rate-curve.ts';
import { defineExecutor } from './executor-definition.ts';
import { NS_PER_SECOND } from '../../base/time/clock.ts';
import {
  durationKey,
  iterationsKey,
  lateProblems,
  minDurationKey,
  minimaOf,
  minimaProblems,
  minSamplesKey,
  openKeys,
  openLoad,
  rateKey,
  type OpenLoad,
} from './load-keys.ts';
import type { Minima } from './load-model.ts';

export interface ConstantArrivalRateLoad extends OpenLoad {
  readonly executor: 'constant-arrival-rate';
  readonly ratePerSecond: number;
  readonly durationNs?: number;
  readonly iterations?: number;
  readonly minima?: Minima;
}

/**
 * A plan has a length: with minima it is twice the time in which they hold if everything is
 * answered, and the load ends with it where they do not hold by then.
 */
const MOST_OF_MINIMA = 2;

export const constantArrivalRate = defineExecutor({
  name: 'constant-arrival-rate',
  summary: 'Iterations arrive at a fixed rate, whatever the server does.',
  keys: {
    rate: rateKey,
    duration: durationKey.optional(),
    iterations: iterationsKey.optional(),
    minDuration: minDurationKey,
    minSamples: minSamplesKey,
    ...openKeys,
  },
  ends: ['duration', 'iterations', 'minDuration', 'minSamples'],
  problems: (values) => [...minimaProblems(values), ...lateProblems(values)],
  load: (values): ConstantArrivalRateLoad => ({
    executor: 'constant-arrival-rate',
    ratePerSecond: values.rate,
    ...(values.duration !== undefined && { durationNs: values.duration }),
    ...(values.iterations !== undefined && { iterations: values.iterations }),
    ...minimaOf(values),
    ...openLoad(values),
  }),
  model: (load) => ({
    kind: 'open',
    curve: RateCurve.constant(load.ratePerSecond, load.durationNs ?? lengthOf(load)),
    arrival: load.arrival,
    iterations: load.iterations,
    ...(load.minima !== undefined && { minima: load.minima }),
    maxInFlight: load.maxInFlight,
    whenLate: load.whenLate,
    maxLatenessNs: load.maxLatenessNs ?? Infinity,
  }),
});

function lengthOf({ ratePerSecond, minima }: ConstantArrivalRateLoad): number | undefined {
  if (minima === undefined) return undefined;
  const samplesNs = (minima.iterations / ratePerSecond) * NS_PER_SECOND;
  return MOST_OF_MINIMA * Math.max(minima.durationNs, samplesNs);
}

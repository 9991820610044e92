import { RateCurve } from '../pacing/rate-curve.ts';
import { defineExecutor, type LoadProblem } from './executor-definition.ts';
import {
  lateProblems,
  openKeys,
  openLoad,
  stagesKey,
  startRateKey,
  type OpenLoad,
} from './load-keys.ts';

export interface RateStage {
  readonly toPerSecond: number;
  readonly durationNs: number;
  readonly name?: string;
}

export interface RampingArrivalRateLoad extends OpenLoad {
  readonly executor: 'ramping-arrival-rate';
  readonly startRatePerSecond: number;
  readonly stages: readonly RateStage[];
}

export const rampingArrivalRate = defineExecutor({
  name: 'ramping-arrival-rate',
  summary: 'Iterations arrive at a rate that goes from stage to stage in straight lines.',
  keys: { startRate: startRateKey, stages: stagesKey, ...openKeys },
  ends: ['stages'],
  problems: (values) => [...rateProblems(values), ...lateProblems(values)],
  load: (values): RampingArrivalRateLoad => ({
    executor: 'ramping-arrival-rate',
    startRatePerSecond: values.startRate,
    stages: values.stages,
    ...openLoad(values),
  }),
  model: (load) => ({
    kind: 'open',
    curve: RateCurve.ramping(load.startRatePerSecond, load.stages),
    arrival: load.arrival,
    iterations: undefined,
    maxInFlight: load.maxInFlight,
    whenLate: load.whenLate,
    maxLatenessNs: load.maxLatenessNs ?? Infinity,
  }),
});

function rateProblems(values: {
  readonly startRate: number;
  readonly stages: readonly Partial<RateStage>[];
}): LoadProblem[] {
  const { startRate, stages } = values;
  if (!stages.every(isRateStage)) {
    return [{ key: 'stages', reason: 'ramping-arrival-rate takes a rate in `to`, such as 200/s' }];
  }
  if (RateCurve.ramping(startRate, stages).totalArea > 0) return [];
  return [{ key: 'stages', reason: 'nothing arrives: the rate is 0, or no stage takes any time' }];
}

/** A warm-up can be given the stages of another executor. */
function isRateStage(stage: Partial<RateStage>): stage is RateStage {
  return stage.toPerSecond !== undefined;
}

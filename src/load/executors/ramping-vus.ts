import { VuCurve, type VuStage } from '../pacing/vu-curve.ts';
import { defineExecutor, type LoadProblem } from './executor-definition.ts';
import { gracefulRampDownKey, startVusKey, vuStagesKey } from './load-keys.ts';

/** Each VU is looked for in each stage, which takes a second for so many. */
const MAX_CROSSINGS = 100_000_000;

export interface RampingVusLoad {
  readonly executor: 'ramping-vus';
  readonly startVus: number;
  readonly stages: readonly (VuStage & { readonly name?: string })[];
  readonly gracefulRampDownNs: number;
}

export const rampingVus = defineExecutor({
  name: 'ramping-vus',
  summary:
    'A number of VUs that goes from stage to stage in straight lines, rounded to the nearest ' +
    'whole one, so that the time VUs spend in a stage is the area under its line.',
  keys: {
    startVUs: startVusKey,
    stages: vuStagesKey,
    gracefulRampDown: gracefulRampDownKey,
  },
  ends: ['stages'],
  problems: ({ startVUs, stages }) => rampProblems(startVUs, stages),
  load: ({ startVUs, stages, gracefulRampDown }): RampingVusLoad => ({
    executor: 'ramping-vus',
    startVus: startVUs,
    stages,
    gracefulRampDownNs: gracefulRampDown,
  }),
  model: ({ startVus, stages, gracefulRampDownNs }) => {
    const curve = new VuCurve(startVus, stages);
    return {
      kind: 'closed',
      vus: curve.peakVus,
      iterations: undefined,
      durationNs: curve.durationNs,
      ramp: { curve, gracefulRampDownNs },
    };
  },
});

function rampProblems(startVus: number, stages: readonly Partial<VuStage>[]): LoadProblem[] {
  if (!stages.every(isVuStage)) {
    return [{ key: 'stages', reason: 'ramping-vus takes a number of VUs in `to`' }];
  }
  const { vuSeconds, peakVus } = new VuCurve(startVus, stages);
  if (peakVus * stages.length > MAX_CROSSINGS) {
    return [{ key: 'stages', reason: `stages times VUs are more than ${MAX_CROSSINGS}` }];
  }
  if (vuSeconds > 0) return [];
  return [{ key: 'stages', reason: 'nobody runs: there are no VUs, or no stage takes any time' }];
}

/** A warm-up can be given the stages of another executor. */
function isVuStage(stage: Partial<VuStage>): stage is VuStage {
  return stage.toVus !== undefined;
}

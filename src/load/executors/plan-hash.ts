import { createHash, type Hash } from 'node:crypto';
import type { Distribution } from '../../base/random/distribution.ts';
import { MEASURE, PHASES, WARMUP } from '../../measure/metrics/outcome.ts';
import { digestPlan } from '../pacing/plan-digest.ts';
import { GENERATOR_VERSION } from '../pacing/plan.ts';
import type { VuCurve } from '../pacing/vu-curve.ts';
import type { Load } from './load-schema.ts';
import type { PlanOwner } from './phase-plan.ts';
import { isEndless, plannedArrivals } from './phase-plan.ts';
import { modelOf, type PhaseLoad } from './registry.ts';

export interface FlowLoad {
  readonly name: string;
  readonly load: Load;
  /** What its iterations choose and think, where they do: it decides over what is offered. */
  readonly program?: unknown;
  readonly steps?: readonly { readonly thinkBefore?: readonly Think[] }[];
  readonly thinkAfter?: readonly Think[];
}

/** A wait between the steps of an iteration; its chance is decided by the seed. */
interface Think {
  readonly position: number;
  readonly time: Distribution;
}

/**
 * One hash, one offered load: SHA-256 over every arrival of every open phase, in whole ns from
 * the start of its phase, and over the recipe of every closed one and of a plan without a length. What does not change when
 * iterations are intended (late policies, `maxInFlight`, `gracefulStop`) is not in it.
 */
export function planHash(flows: readonly FlowLoad[], seed: number): string {
  const hash = createHash('sha256');
  addText(hash, { generator: GENERATOR_VERSION });
  for (const { name: flowName, load, program, steps = [], thinkAfter = [] } of flows) {
    const thinks = [...steps.flatMap(({ thinkBefore = [] }) => thinkBefore), ...thinkAfter];
    if (thinks.length > 0) addText(hash, { seed, thinks: JSON.stringify(thinks) });
    if (program !== undefined) addText(hash, { seed, program: JSON.stringify(program) });
    if (load.warmup) {
      addText(hash, { warmupIterations: load.warmup.iterations ?? null });
      addPhase(hash, load.warmup.load, { seed, flowName, phase: WARMUP });
    }
    addPhase(hash, load, { seed, flowName, phase: MEASURE });
  }
  return hash.digest('hex');
}

function addPhase(hash: Hash, load: PhaseLoad, owner: PlanOwner): void {
  addText(hash, { flow: owner.flowName, phase: PHASES[owner.phase]! });
  const model = modelOf(load);
  if (model.kind === 'open') {
    const { numbers } = model.curve;
    if (numbers !== undefined) {
      addText(hash, { rows: createHash('sha256').update(numbers).digest('hex') });
    }
    if (isEndless(model)) {
      const { peakPerSecond } = model.curve;
      addText(hash, { seed: owner.seed, peakPerSecond, arrival: JSON.stringify(model.arrival) });
      return;
    }
    addText(hash, { arrivals: digestPlan(hash, plannedArrivals(model, owner)) });
    return;
  }
  const { vus, iterations = null, iterationsPerVu, minima, ramp, durationNs } = model;
  addText(hash, {
    vus,
    iterations,
    durationNs: Number.isFinite(durationNs) ? durationNs : null,
    ...(iterationsPerVu !== undefined && { iterationsPerVu }),
    ...(minima !== undefined && { minima: JSON.stringify(minima) }),
    ...(ramp !== undefined && { ramp: digestRamp(ramp.curve) }),
  });
}

/** When each VU is active, to the ns. */
function digestRamp(curve: VuCurve): string {
  const hash = createHash('sha256');
  for (let vu = 0; vu < curve.peakVus; vu++) {
    const stretches = [...curve.stretches(vu)].map(({ fromNs, untilNs }) => [fromNs, untilNs]);
    hash.update(`${JSON.stringify(stretches)}\n`);
  }
  return hash.digest('hex');
}

/** A line each, so that texts cannot run together. */
function addText(hash: Hash, record: Readonly<Record<string, string | number | null>>): void {
  hash.update(`${JSON.stringify(record)}\n`);
}

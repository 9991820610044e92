import { arrivalText } from '../load/pacing/arrival.ts';
import { modelOf } from '../load/executors/registry.ts';
import type { LoadModel } from '../load/executors/load-model.ts';
import type { ResolvedFlow, ResolvedTrial } from '../scenario/resolved.ts';
import type { ResultFlow } from './schema/result.ts';

/** The flows of a trial as results keep them: which model, how many, how fast, for how long. */
export function resultFlows(trial: ResolvedTrial): ResultFlow[] {
  return trial.flows.map(resultFlow);
}

function resultFlow(flow: ResolvedFlow): ResultFlow {
  const { name, load } = flow;
  const steps = flow.steps.map(({ name: step, target }) => ({ name: step, target }));
  return { name, executor: load.executor, steps, ...modelKeys(modelOf(load)) };
}

function modelKeys(model: LoadModel) {
  if (model.kind === 'closed') {
    const { vus, iterations = null, durationNs, ramp, minima } = model;
    return {
      model: model.kind,
      vus,
      ...(ramp !== undefined && { isConstantVus: false }),
      ...(minima !== undefined && { minima }),
      iterations,
      durationNs: finite(durationNs),
    } as const;
  }
  const { curve, arrival, iterations = null, maxInFlight, whenLate, maxLatenessNs, minima } = model;
  const { durationNs, peakPerSecond } = curve;
  return {
    model: model.kind,
    peakRatePerSecond: peakPerSecond,
    isConstantRate: isConstant(model),
    arrival: arrivalText(arrival),
    iterations,
    durationNs: minima === undefined ? finite(durationNs) : null,
    ...(minima !== undefined && { minima }),
    maxInFlight,
    whenLate,
    maxLatenessNs: finite(maxLatenessNs),
  } as const;
}

/** A curve is flat when the area under it is that of its highest point. */
function isConstant({ curve }: Extract<LoadModel, { kind: 'open' }>): boolean {
  if (curve.durationNs === Infinity) return true;
  const flat = curve.peakPerSecond * (curve.durationNs / 1e9);
  return Math.abs(curve.totalArea - flat) <= flat * 1e-9;
}

function finite(ns: number): number | null {
  return Number.isFinite(ns) ? Math.round(ns) : null;
}

import { MEASURE } from '../../measure/metrics/outcome.ts';
import { shareOf, type Share } from '../pacing/share.ts';
import type { ClosedModel, Minima } from './load-model.ts';
import type { Load } from './load-schema.ts';
import { countArrivals } from './phase-plan.ts';
import { modelOf } from './registry.ts';

/** What can be said of a load before it runs, of its measured phase. */
export interface LoadDescription {
  /**
   * Arrivals in the plan, of which minima need not use all; undefined for a closed model, and for
   * a plan that goes on until another flow ends.
   */
  readonly arrivals: number | undefined;
  /** Iterations that the load asks for, where it counts them. */
  readonly iterations: number | undefined;
  /** Of those, each VU runs so many; absent where VUs share them. */
  readonly iterationsPerVu?: number;
  /** T1 − T0; undefined when iterations or arrivals end the load. */
  readonly durationNs: number | undefined;
  /** What ends the load when both hold; absent where something else does. */
  readonly minima?: Minima;
  /** Iterations stop starting after this, even when some are left. */
  readonly maxDurationNs: number | undefined;
  /** Arrivals per second at the highest point; undefined for a closed model. */
  readonly peakRatePerSecond: number | undefined;
  /** Iterations that may run at once: VUs of a closed model. */
  readonly vus: number | undefined;
  /** The time that VUs run, together; absent where all of them run all the time. */
  readonly vuSeconds?: number;
  /** The same for an open one. */
  readonly maxInFlight: number | undefined;
}

/** Counts the arrivals of an open load, which takes about 0.15 s for a million. */
export function describeLoad(load: Load, seed: number, flowName: string): LoadDescription {
  const model = modelOf(load);
  if (model.kind === 'closed') return describeClosed(model);
  const { durationNs, peakPerSecond } = model.curve;
  const arrivals = countArrivals(model, { seed, flowName, phase: MEASURE });
  const { minima } = model;
  return {
    arrivals,
    iterations: minima === undefined ? arrivals : undefined,
    durationNs: minima === undefined ? finite(durationNs) : undefined,
    ...(minima !== undefined && { minima }),
    maxDurationNs: undefined,
    peakRatePerSecond: peakPerSecond,
    vus: undefined,
    maxInFlight: model.maxInFlight,
  };
}

function describeClosed(model: ClosedModel): LoadDescription {
  const { vus, iterations, iterationsPerVu, minima, ramp, durationNs } = model;
  const endsByCount = iterations !== undefined;
  return {
    arrivals: undefined,
    iterations,
    ...(iterationsPerVu !== undefined && { iterationsPerVu }),
    ...(minima !== undefined && { minima }),
    durationNs: endsByCount ? undefined : finite(durationNs),
    maxDurationNs: endsByCount ? finite(durationNs) : undefined,
    peakRatePerSecond: undefined,
    vus,
    ...(ramp !== undefined && { vuSeconds: ramp.curve.vuSeconds }),
    maxInFlight: undefined,
  };
}

/** The iterations that fall to one share of a load; undefined where it does not count them. */
export function iterationsOfShare(load: LoadDescription, share: Share): number | undefined {
  const { iterations, iterationsPerVu, vus } = load;
  if (iterationsPerVu !== undefined) return shareOf(vus!, share) * iterationsPerVu;
  return iterations === undefined ? undefined : shareOf(iterations, share);
}

function finite(ns: number): number | undefined {
  return Number.isFinite(ns) ? ns : undefined;
}

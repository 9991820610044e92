import type { Arrival } from '../pacing/arrival.ts';
import type { ArrivalCurve } from '../pacing/arrival-curve.ts';
import type { VuCurve } from '../pacing/vu-curve.ts';

/**
 * What an executor comes down to: one of two loops. `ClosedModel` runs VUs, each iteration after
 * the last; `OpenModel` follows a plan whatever the server does.
 */
export type LoadModel = ClosedModel | OpenModel;

export interface ClosedModel {
  readonly kind: 'closed';
  /** With a ramp, at its highest point. */
  readonly vus: number;
  /** Absent where all VUs run all the time. */
  readonly ramp?: ModelRamp;
  /** Iterations start for so long; Infinity when something else ends the load. */
  readonly durationNs: number;
  /** Of all VUs together; undefined when something else ends the load. */
  readonly iterations: number | undefined;
  /** Each VU has so many of its own; undefined where whoever is free takes the next. */
  readonly iterationsPerVu?: number;
  /** What ends the load where nothing else does. */
  readonly minima?: Minima;
}

/** The load ends when both hold. */
export interface Minima {
  readonly durationNs: number;
  /** Measured ones that have ended, over all VUs. */
  readonly iterations: number;
}

/** VUs that come and go. */
export interface ModelRamp {
  readonly curve: VuCurve;
  /** How long the iteration of a VU that went may go on. */
  readonly gracefulRampDownNs: number;
}

export interface OpenModel {
  readonly kind: 'open';
  readonly curve: ArrivalCurve;
  readonly arrival: Arrival;
  /** The plan ends after so many arrivals, or else with its curve. */
  readonly iterations: number | undefined;
  /** What ends the load, if it holds before the curve ends. */
  readonly minima?: Minima;
  readonly maxInFlight: number;
  readonly whenLate: WhenLate;
  /** Infinity: an arrival is never too late to start. */
  readonly maxLatenessNs: number;
}

export const WHEN_LATE = ['queue', 'drop'] as const;
export type WhenLate = (typeof WHEN_LATE)[number];

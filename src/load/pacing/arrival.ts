import { randomGamma } from '../../base/random/continuous-random.ts';
import { randomExponential, type RandomStream } from '../../base/random/counter-random.ts';

/**
 * How arrivals lie on the axis of expected arrivals: a process at unit rate. A rate curve turns
 * its positions into times, which for a Poisson process gives the Poisson process of that rate
 * (time change; Çinlar, "Introduction to Stochastic Processes", 4.7).
 */
export interface ArrivalProcess {
  readonly summary: string;
  /** The position of event `index`, whose predecessor lies at `previous` (0 for the first). */
  position(stream: RandomStream, index: number, previous: number): number;
}

/** Processes that need nothing but their name. */
export const ARRIVALS = {
  constant: {
    summary: 'Evenly spaced: arrival i (from 0) comes when i arrivals are expected.',
    position: (_stream, index) => index,
  },
  poisson: {
    summary: 'Independent of each other, as from many users: exponential gaps.',
    position: (stream, index, previous) => previous + randomExponential(stream, index),
  },
} as const satisfies Record<string, ArrivalProcess>;

export type ArrivalName = keyof typeof ARRIVALS;

/** A name, a gamma process with its coefficient of variation, or as recorded. */
export type Arrival = ArrivalName | 'trace' | { readonly gamma: { readonly cv: number } };

export const GAMMA_SUMMARY =
  '`{ gamma: { cv: 2 } }`: gaps of a gamma distribution with this coefficient of variation, ' +
  'above 1 in bursts, with 1 as poisson, below 1 more even.';

export function arrivalProcess(arrival: Arrival): ArrivalProcess {
  if (arrival === 'trace') return ARRIVALS.constant;
  if (typeof arrival === 'string') return ARRIVALS[arrival];
  const { cv } = arrival.gamma;
  return {
    summary: GAMMA_SUMMARY,
    position: (stream, index, previous) => previous + randomGamma(stream, index, cv),
  };
}

/** In words, for results. */
export function arrivalText(arrival: Arrival): string {
  return typeof arrival === 'string' ? arrival : `gamma (cv ${arrival.gamma.cv})`;
}

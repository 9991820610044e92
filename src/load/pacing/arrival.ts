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

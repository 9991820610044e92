import { randomGamma, randomNormal } from './continuous-random.ts';
import { randomExponential, randomUniform, type RandomStream } from './counter-random.ts';
import { ZipfRanks } from './zipf-ranks.ts';

/** A number, or how chance decides it: plain data. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | ({ readonly kind: 'exponential'; readonly mean: number } & Bounds)
  | ({ readonly kind: SpreadKind; readonly mean: number; readonly sd: number } & Bounds)
  | {
      /** Whole numbers; number i of the range, from 1, with a probability ∝ 1 / i^exponent. */
      readonly kind: 'zipf';
      readonly from: number;
      readonly to: number;
      readonly exponent: number;
    }
  | ({ readonly kind: 'choice'; readonly values: readonly number[] } & Weights);

export type SpreadKind = (typeof SPREAD_KINDS)[number];
export const SPREAD_KINDS = ['normal', 'lognormal', 'gamma'] as const;

export interface Bounds {
  readonly min: number;
  /** Absent: there is none. */
  readonly max?: number;
  /** A value beyond the bounds is drawn again; without this it becomes the bound. */
  readonly redraw?: true;
}

export interface Weights {
  /** One for each value; absent where all are as likely. */
  readonly weights?: readonly number[];
}

/** A draw at a counter (up to 2^40): the same for the same stream and counter. */
export type Draw = (counter: number) => number;

/** Draws of a value that is drawn again: one that fails so often becomes the bound. */
const MAX_REDRAWS = 64;

/**
 * Draws from a distribution. With `whole` the draws are whole numbers: those of a uniform one as
 * likely each, both ends included; others rounded.
 */
export function sampler(
  given: Distribution,
  stream: RandomStream,
  { whole = false }: { readonly whole?: boolean } = {},
): Draw {
  switch (given.kind) {
    case 'constant': {
      const value = whole ? Math.round(given.value) : given.value;
      return () => value;
    }
    case 'uniform':
      return uniform(given, stream, whole);
    case 'zipf': {
      const ranks = new ZipfRanks(given.to - given.from + 1, stream, given.exponent);
      return (counter) => given.from + ranks.at(counter) - 1;
    }
    case 'choice': {
      const choose = chooser(given.values.length, stream, given);
      return (counter) => {
        const value = given.values[choose(counter)]!;
        return whole ? Math.round(value) : value;
      };
    }
    case 'exponential':
    case 'normal':
    case 'lognormal':
    case 'gamma':
      return bounded(given, unbounded(given, stream), whole);
  }
}

/** Which of `count` things, from 0: all as likely, or by their weights. */
export function chooser(count: number, stream: RandomStream, { weights }: Weights = {}): Draw {
  if (weights === undefined) {
    return (counter) => Math.floor(randomUniform(stream, counter) * count);
  }
  let sum = 0;
  const ends = weights.map((weight) => (sum += weight));
  return (counter) => {
    const place = randomUniform(stream, counter) * sum;
    let index = 0;
    while (index < ends.length - 1 && place >= ends[index]!) index++;
    return index;
  };
}

function uniform(
  { from, to }: { readonly from: number; readonly to: number },
  stream: RandomStream,
  whole: boolean,
): Draw {
  if (!whole) return (counter) => from + (to - from) * randomUniform(stream, counter);
  const first = Math.ceil(from);
  const count = Math.max(1, Math.floor(to) - first + 1);
  return (counter) => first + Math.floor(randomUniform(stream, counter) * count);
}

type Bounded = Extract<Distribution, Bounds>;

function unbounded(given: Bounded, stream: RandomStream): Draw {
  const { mean } = given;
  if (given.kind === 'exponential') {
    return (counter) => mean * randomExponential(stream, counter);
  }
  const { sd } = given;
  if (given.kind === 'normal') return (counter) => mean + sd * randomNormal(stream, counter);
  if (given.kind === 'lognormal') {
    // From the mean and deviation of the value itself, not of its logarithm.
    const variance = Math.log(1 + (sd / mean) ** 2);
    const deviation = Math.sqrt(variance);
    const middle = Math.log(mean) - variance / 2;
    return (counter) => Math.exp(middle + deviation * randomNormal(stream, counter));
  }
  const cv = sd / mean;
  return (counter) => mean * (cv === 0 ? 1 : randomGamma(stream, counter, cv));
}

function bounded(given: Bounded, draw: Draw, whole: boolean): Draw {
  const { min, max = Infinity, redraw } = given;
  const rounded = whole ? Math.round : (value: number) => value;
  if (redraw !== true) return (counter) => Math.min(Math.max(rounded(draw(counter)), min), max);
  // So that the ends of a range of whole numbers are as likely as their neighbours.
  const margin = whole ? 0.5 : 0;
  return (counter) => {
    let value = 0;
    for (let attempt = 0; attempt < MAX_REDRAWS; attempt++) {
      value = draw(counter * MAX_REDRAWS + attempt);
      if (value >= min - margin && value < max + margin) break;
    }
    return Math.min(Math.max(rounded(value), min), max);
  };
}

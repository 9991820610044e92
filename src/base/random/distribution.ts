import { z } from 'zod';
import {
  randomBelow,
  randomExponential,
  randomUniform,
  type RandomStream,
} from './counter-random.ts';

/** How a value is drawn. Everything but `constant` and `choice` can be kept inside bounds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | ({ readonly kind: 'normal' | 'lognormal'; readonly mean: number; readonly sd: number } & Bounds)
  | ({ readonly kind: 'exponential'; readonly mean: number } & Bounds)
  | ({ readonly kind: 'gamma'; readonly mean: number; readonly cv: number } & Bounds)
  | { readonly kind: 'choice'; readonly values: readonly number[] };

interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Draws that belong to one value: `gamma` may refuse some, each with a probability below 0.05. */
const DRAWS = 64;

/** The value at `position`, a pure function of stream and position. */
export function sample(distribution: Distribution, stream: RandomStream, position: number): number {
  const at = position * DRAWS;
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform': {
      const { from, to } = distribution;
      return from + (to - from) * randomUniform(stream, at);
    }
    case 'choice':
      return distribution.values[randomBelow(stream, at, distribution.values.length)]!;
    case 'exponential':
      return bounded(distribution.mean * randomExponential(stream, at), distribution);
    case 'normal':
      return bounded(distribution.mean + distribution.sd * normal(stream, at), distribution);
    case 'lognormal': {
      // Of the logarithm, so that mean and deviation are those of the value itself.
      const variance = Math.log(1 + (distribution.sd / distribution.mean) ** 2);
      const mean = Math.log(distribution.mean) - variance / 2;
      return bounded(Math.exp(mean + Math.sqrt(variance) * normal(stream, at)), distribution);
    }
    case 'gamma':
      return bounded(gamma(distribution, stream, at), distribution);
  }
}

function bounded(value: number, { min = -Infinity, max = Infinity }: Bounds): number {
  return Math.min(max, Math.max(min, value));
}

/** Box and Muller, "A note on the generation of random normal deviates" (1958). */
function normal(stream: RandomStream, at: number): number {
  const radius = Math.sqrt(2 * randomExponential(stream, at));
  return radius * Math.cos(2 * Math.PI * randomUniform(stream, at + 1));
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). */
function gamma(
  { mean, cv }: { readonly mean: number; readonly cv: number },
  stream: RandomStream,
  at: number,
): number {
  const shape = 1 / (cv * cv);
  // Below 1 a draw of shape + 1 times the power of a uniform one: their section 6.
  const boosted = shape < 1 ? shape + 1 : shape;
  const boost = shape < 1 ? randomUniform(stream, at + DRAWS - 1) ** (1 / shape) : 1;
  const d = boosted - 1 / 3;
  for (let draw = 0; draw + 4 < DRAWS; draw += 3) {
    const x = normal(stream, at + draw);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    const uniform = 1 - randomUniform(stream, at + draw + 2);
    if (v > 0 && Math.log(uniform) < (x * x) / 2 + d - d * v + d * Math.log(v)) {
      return (mean / shape) * d * v * boost;
    }
  }
  return mean;
}

/** A distribution as scenarios write it, of values such as `value` takes; parses to its kind. */
export function distributionSchema(value: z.ZodType<number>): z.ZodType<Distribution> {
  const positive = value.refine((number) => number > 0, 'more than 0');
  const bounds = { min: value.optional(), max: value.optional() };
  const around = z.strictObject({ mean: positive, sd: positive, ...bounds });
  return z
    .union([
      value,
      z.strictObject({ uniform: z.tuple([value, value]) }),
      z.strictObject({ normal: around }),
      z.strictObject({ lognormal: around }),
      z.strictObject({ exponential: z.strictObject({ mean: positive, ...bounds }) }),
      z.strictObject({
        gamma: z.strictObject({
          mean: positive,
          cv: z.number().positive().max(10).meta({ description: 'Deviation ÷ mean.' }),
          ...bounds,
        }),
      }),
      z.strictObject({ choice: z.array(value).min(1).max(1000) }),
    ])
    .transform((written): Distribution => {
      if (typeof written === 'number') return { kind: 'constant', value: written };
      if ('uniform' in written) {
        const [from, to] = written.uniform;
        return { kind: 'uniform', from, to };
      }
      if ('choice' in written) return { kind: 'choice', values: written.choice };
      if ('normal' in written) return { kind: 'normal', ...written.normal };
      if ('lognormal' in written) return { kind: 'lognormal', ...written.lognormal };
      if ('exponential' in written) return { kind: 'exponential', ...written.exponential };
      return { kind: 'gamma', ...written.gamma };
    });
}

import { z } from 'zod';
import { randomGamma, randomNormal } from './continuous-random.ts';
import { randomExponential, randomUniform, type RandomStream } from './counter-random.ts';

/** A number, or how chance decides it: plain data. Values beyond `min` and `max` become these. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | ({ readonly kind: 'exponential'; readonly mean: number } & Bounds)
  | ({ readonly kind: SpreadKind; readonly mean: number; readonly sd: number } & Bounds)
  | { readonly kind: 'choice'; readonly values: readonly number[] };

type SpreadKind = (typeof SPREAD_KINDS)[number];
const SPREAD_KINDS = ['normal', 'lognormal', 'gamma'] as const;

export interface Bounds {
  readonly min: number;
  /** Absent: there is none. */
  readonly max?: number;
}

/** A draw at `counter` (up to 2^47): the same for the same stream and counter. */
export function drawFrom(given: Distribution, stream: RandomStream, counter: number): number {
  switch (given.kind) {
    case 'constant':
      return given.value;
    case 'uniform':
      return given.from + (given.to - given.from) * randomUniform(stream, counter);
    case 'exponential':
      return within(given, given.mean * randomExponential(stream, counter));
    case 'normal':
      return within(given, given.mean + given.sd * randomNormal(stream, counter));
    case 'lognormal':
      return within(given, drawLognormal(given, randomNormal(stream, counter)));
    case 'gamma': {
      const cv = given.sd / given.mean;
      return within(given, given.mean * (cv === 0 ? 1 : randomGamma(stream, counter, cv)));
    }
    case 'choice':
      return given.values[Math.floor(randomUniform(stream, counter) * given.values.length)]!;
  }
}

/** From the mean and deviation of the value itself, not of its logarithm. */
function drawLognormal({ mean, sd }: { mean: number; sd: number }, normal: number): number {
  const variance = Math.log(1 + (sd / mean) ** 2);
  return Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * normal);
}

function within({ min, max = Infinity }: Bounds, value: number): number {
  return Math.min(Math.max(value, min), max);
}

/**
 * A distribution as scenarios write it, of values that `value` parses: one of them alone, or a
 * map with the distribution's name.
 */
export function distributionSchema(value: z.ZodType<number>) {
  const positive = value.refine((parsed) => parsed > 0, 'more than 0');
  const bounds = { min: value.optional(), max: value.optional() };
  const spread = z
    .strictObject({ mean: positive, sd: value, ...bounds })
    .refine(hasOrder, { error: 'min is above max', path: ['min'] });
  const kinds = z
    .strictObject({
      uniform: z
        .tuple([value, value])
        .refine(([from, to]) => from <= to, 'from the lower to the higher value')
        .optional(),
      exponential: z
        .union([
          positive,
          z
            .strictObject({ mean: positive, ...bounds })
            .refine(hasOrder, { error: 'min is above max', path: ['min'] }),
        ])
        .optional(),
      normal: spread.optional(),
      lognormal: spread.optional(),
      gamma: spread.optional(),
      choice: z.array(value).min(1).optional(),
    })
    .refine((map) => Object.keys(map).length === 1, 'exactly one distribution');
  return z.union([value, kinds]).transform(toDistribution);
}

interface Spread {
  readonly mean: number;
  readonly sd: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

type Written = Partial<Record<SpreadKind, Spread | undefined>> & {
  readonly uniform?: [number, number] | undefined;
  readonly exponential?: number | Omit<Spread, 'sd'> | undefined;
  readonly choice?: number[] | undefined;
};

function toDistribution(written: number | Written): Distribution {
  if (typeof written === 'number') return { kind: 'constant', value: written };
  const { uniform, exponential, choice } = written;
  if (uniform !== undefined) return { kind: 'uniform', from: uniform[0], to: uniform[1] };
  if (choice !== undefined) return { kind: 'choice', values: choice };
  if (exponential !== undefined) {
    const given = typeof exponential === 'number' ? { mean: exponential } : exponential;
    return { kind: 'exponential', mean: given.mean, ...boundsOf(given) };
  }
  const kind = SPREAD_KINDS.find((name) => written[name] !== undefined)!;
  const given = written[kind]!;
  return { kind, mean: given.mean, sd: given.sd, ...boundsOf(given) };
}

function boundsOf({ min = 0, max }: Pick<Spread, 'min' | 'max'>): Bounds {
  return { min, ...(max !== undefined && { max }) };
}

function hasOrder({ min, max }: Pick<Spread, 'min' | 'max'>): boolean {
  return min === undefined || max === undefined || min <= max;
}

import { z } from 'zod';
import { SPREAD_KINDS, type Bounds, type Distribution, type SpreadKind } from './distribution.ts';

/**
 * The keys of a map that names a distribution of plain numbers: the same, and `zipf`, which has
 * whole numbers alone. Exactly one is to be there.
 */
export function numberKeys() {
  return { ...distributionKeys(z.number()), zipf: zipfSchema.optional() };
}

/** A value out of a list, and how often it comes beside the others. */
export function choiceSchema<Value>(value: z.ZodType<Value>) {
  const weighed = z.strictObject({ value, weight: z.number().positive() });
  return z
    .union([z.array(value).min(1), z.array(weighed).min(1)])
    .transform((list) => toChoice<Value>(list));
}

export interface Choice<Value> {
  readonly values: readonly Value[];
  readonly weights?: readonly number[];
}

const MOST_RANKS = 2 ** 31;

const rangeSchema = z
  .tuple([z.int(), z.int()])
  .refine(([from, to]) => from <= to, 'from the lower to the higher value')
  .refine(([from, to]) => to - from < MOST_RANKS, `at most ${MOST_RANKS} values`);

const zipfSchema = z
  .union([
    rangeSchema,
    z.strictObject({ range: rangeSchema, exponent: z.number().positive().max(10).default(1) }),
  ])
  .transform((written) =>
    Array.isArray(written) ? { range: written as [number, number], exponent: 1 } : written,
  );

/** The keys of a map that names a distribution of values that `value` parses. */
export function distributionKeys(value: z.ZodType<number>) {
  const positive = value.refine((parsed) => parsed > 0, 'more than 0');
  const bounds = {
    min: value.optional(),
    max: value.optional(),
    within: z
      .tuple([value, value])
      .refine(([from, to]) => from < to, 'from the lower to the higher value')
      .optional(),
  };
  const exponential = z
    .strictObject({ mean: positive, ...bounds })
    .refine(...ORDERED)
    .refine(...ONE_BOUND);
  const spread = z
    .strictObject({ mean: positive, sd: value, ...bounds })
    .refine(...ORDERED)
    .refine(...ONE_BOUND);
  return {
    uniform: z
      .tuple([value, value])
      .refine(([from, to]) => from <= to, 'from the lower to the higher value')
      .optional(),
    exponential: z.union([positive, exponential]).optional(),
    normal: spread.optional(),
    lognormal: spread.optional(),
    gamma: spread.optional(),
    choice: choiceSchema(value).optional(),
  };
}

type Rule = readonly [(bounds: WrittenBounds) => boolean, { error: string; path: PropertyKey[] }];

const ORDERED: Rule = [
  ({ min, max }) => min === undefined || max === undefined || min <= max,
  { error: 'min is above max', path: ['min'] },
];

const ONE_BOUND: Rule = [
  ({ min, max, within }) => within === undefined || (min === undefined && max === undefined),
  { error: 'cannot stand beside min and max, which move what is beyond them', path: ['within'] },
];

interface WrittenBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly within?: readonly [number, number] | undefined;
}

interface Spread extends WrittenBounds {
  readonly mean: number;
  readonly sd: number;
}

/** A distribution as it is written, with its parameters parsed. */
export type WrittenDistribution = Partial<Record<SpreadKind, Spread | undefined>> & {
  readonly uniform?: readonly [number, number] | undefined;
  readonly exponential?: number | Omit<Spread, 'sd'> | undefined;
  readonly choice?: Choice<number> | undefined;
  readonly zipf?:
    { readonly range: readonly [number, number]; readonly exponent: number } | undefined;
};

export function toDistribution(written: number | WrittenDistribution): Distribution {
  if (typeof written === 'number') return { kind: 'constant', value: written };
  const { uniform, exponential, choice, zipf } = written;
  if (uniform !== undefined) return { kind: 'uniform', from: uniform[0], to: uniform[1] };
  if (zipf !== undefined) {
    const { range, exponent } = zipf;
    return { kind: 'zipf', from: range[0], to: range[1], exponent };
  }
  if (choice !== undefined) return { kind: 'choice', ...choice };
  if (exponential !== undefined) {
    const given = typeof exponential === 'number' ? { mean: exponential } : exponential;
    return { kind: 'exponential', mean: given.mean, ...boundsOf(given) };
  }
  const kind = SPREAD_KINDS.find((name) => written[name] !== undefined)!;
  const given = written[kind]!;
  return { kind, mean: given.mean, sd: given.sd, ...boundsOf(given) };
}

function boundsOf({ min = 0, max, within }: WrittenBounds): Bounds {
  if (within !== undefined) return { min: within[0], max: within[1], redraw: true };
  return { min, ...(max !== undefined && { max }) };
}

function toChoice<Value>(
  list: readonly (Value | { value: Value; weight: number })[],
): Choice<Value> {
  const [first] = list;
  if (typeof first !== 'object' || first === null || !('weight' in first)) {
    return { values: list as readonly Value[] };
  }
  const weighed = list as readonly { value: Value; weight: number }[];
  return { values: weighed.map((one) => one.value), weights: weighed.map((one) => one.weight) };
}

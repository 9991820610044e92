import { z } from 'zod';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { distributionKeys, toDistribution } from '../base/random/distribution-schema.ts';
import type { Distribution } from '../base/random/distribution.ts';
import { durationSchema } from '../base/time/duration.ts';
import { stepKeys } from './step-schema.ts';
import { takenTimeKeys, type TakenTime } from './taken-time.ts';

/** Steps of one list, groups and choices within each other. */
export const MAX_NESTED_STEPS = 8;

/** Keys of a step that needs no target. */
export const builtInKeys = {
  name: nameSchema
    .optional()
    .meta({ description: 'Only for overrides to reach it by; nothing is measured under it.' }),
  when: stepKeys.when,
  weight: stepKeys.weight,
} as const;

const MORE_THAN_ONE = 'exactly one distribution, or `from`';

const thinkMapSchema = z
  .strictObject({ ...distributionKeys(durationSchema), ...takenTimeKeys })
  .refine((map) => Object.keys(map).filter((key) => key !== 'unit').length === 1, MORE_THAN_ONE)
  .refine(({ from, unit }) => unit === undefined || from !== undefined, {
    error: 'belongs to `from`',
    path: ['unit'],
  });

const thinkSchema = z.union([durationSchema, thinkMapSchema]).transform(toThinkTime).meta({
  inWords: 'duration or distribution',
  description:
    'Time before the next step: `2s`, or drawn from the seed anew for each iteration: `{ uniform: [1s, 3s] }`, `{ exponential: 2s }`, `{ normal: { mean: 2s, sd: 1s } }`, `lognormal` and `gamma` like it, `{ choice: [1s, 5s] }`. `min` and `max` stand beside `mean`; beyond them a draw becomes the limit. `within: [1s, 9s]` draws again instead. Or out of data and what steps extracted, as CEL: `{ from: trace.pause }` for a text with its unit, such as `1.5s`, and `{ from: trace.pause_ms, unit: ms }` for a number (ns, us, ms, s); where a step was not ok that it reads, nothing is thought.',
});

function toThinkTime(written: number | z.output<typeof thinkMapSchema>): Distribution | TakenTime {
  if (typeof written === 'number') return toDistribution(written);
  const { from, unit, ...drawn } = written;
  if (from === undefined) return toDistribution(drawn);
  return { kind: 'from', from, ...(unit !== undefined && { unit }) };
}

/** A step that waits and sends nothing. */
export const thinkStepSchema = z.strictObject({ ...builtInKeys, think: thinkSchema });

/** The verbs that need no target, and what they are. */
export const BUILT_IN_VERBS = {
  think: thinkSchema.description!,
  group: 'Steps that one condition or one weight is for.',
  oneOf:
    'One of these steps, drawn by the seed for each iteration in proportion to their `weight` (1).',
} as const;

export type BuiltInVerb = keyof typeof BUILT_IN_VERBS;

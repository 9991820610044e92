import { z } from 'zod';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { distributionSchema } from '../base/random/distribution-schema.ts';
import { durationSchema } from '../base/time/duration.ts';
import { stepKeys } from './step-schema.ts';

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

const thinkSchema = distributionSchema(durationSchema).meta({
  inWords: 'duration or distribution',
  description:
    'Time before the next step: `2s`, or drawn from the seed anew for each iteration: `{ uniform: [1s, 3s] }`, `{ exponential: 2s }`, `{ normal: { mean: 2s, sd: 1s } }`, `lognormal` and `gamma` like it, `{ choice: [1s, 5s] }`. `min` and `max` stand beside `mean`; beyond them a draw becomes the limit. `within: [1s, 9s]` draws again instead.',
});

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

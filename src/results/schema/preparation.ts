import { z } from 'zod';
import { SURROUNDING_PHASES } from '../../measure/metrics/outcome.ts';
import { accountSchema } from './account.ts';
import { seriesRecordSchema } from './series.ts';
import { declarationSchema } from './trial-facts.ts';
import { countSchema, nanosecondsSchema, timestampSchema } from './values.ts';

export const failureReasonSchema = z.object({
  target: z.string(),
  reason: z.string(),
  count: countSchema,
});

const settingsKeptSchema = z
  .object({
    target: z.string(),
    of: z.string().meta({ description: 'The name of what was made, such as a collection.' }),
    settings: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ description: 'What a server said that it keeps of a thing that was made there.' });

/** Steps of `prepare` or `cleanUp` that ran together: those between two loads, or one with a load. */
export const preparationSchema = z.object({
  phase: z.enum(SURROUNDING_PHASES),
  trial: countSchema.meta({
    description: 'For which it ran. Trials of equal content share what was prepared.',
  }),
  steps: z.array(z.string()),
  startedAt: timestampSchema,
  startNs: nanosecondsSchema.meta({ description: 'On the monotonic clock of the run.' }),
  endNs: nanosecondsSchema,
  durationSeconds: z.number().min(0),
  account: accountSchema,
  failure: z.string().nullable().meta({ description: 'Why it was not done to its end.' }),
  failureReasons: z.array(failureReasonSchema),
  settingsKept: z.array(settingsKeptSchema).optional(),
  metrics: z.array(declarationSchema).meta({ description: 'Those that the load does not have.' }),
  series: z.array(seriesRecordSchema).meta({ description: 'Those that recorded something.' }),
});
export type ResultPreparation = z.infer<typeof preparationSchema>;

import { z } from 'zod';
import { countSchema, idSchema, scalarMapSchema, stateSchema, timestampSchema } from './values.ts';

export const RUN_SCHEMA = 'loadgen/run@1';

/** `run.json`: the trials of one call of `loadgen run`, and how far it came. */
export const runSchema = z.object({
  schema: z.literal(RUN_SCHEMA),
  runId: idSchema,
  scenario: z.string(),
  state: stateSchema,
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  exitCode: countSchema.nullable(),
  trialCount: countSchema.meta({ description: 'How many the scenario asks for.' }),
  trials: z.array(
    z.object({
      trial: countSchema,
      repetition: countSchema.optional(),
      trialId: idSchema,
      folder: z.string().meta({ description: 'Its name inside the run folder.' }),
      axes: scalarMapSchema,
      state: stateSchema,
      exitCode: countSchema.nullable(),
    }),
  ),
});
export type RunDocument = z.infer<typeof runSchema>;

import { z } from 'zod';
import { durationSchema } from '../../base/time/duration.ts';

const MAX_REPEAT = 100;

/** The section `trials`. */
export const trialsSchema = z
  .strictObject({
    repeat: z
      .int()
      .min(1, 'at least once')
      .max(MAX_REPEAT, `at most ${MAX_REPEAT} times`)
      .default(1)
      .meta({ description: 'How often each point is run.' }),
    order: z.enum(['listed', 'shuffle']).default('listed').meta({
      description:
        'Of the points within each repetition: as listed, or drawn from the seed, anew for each.',
    }),
    pause: durationSchema.prefault('0s').meta({ description: 'Between one trial and the next.' }),
    stopOnFail: z.boolean().default(false).meta({
      description: 'Runs no further trial after one that did not end with exit code 0.',
    }),
  })
  .prefault({})
  .meta({ inWords: 'map', description: 'How often, and in what order, trials are run.' });

export type TrialRules = z.output<typeof trialsSchema>;

export const RUN_ONCE: TrialRules = trialsSchema.parse({});

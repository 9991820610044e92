import { z } from 'zod';
import { countSchema } from './values.ts';

export const SAMPLES_SCHEMA = 'loadgen/samples@1';

/**
 * The first line of `samples-<worker>.bin`, padded with blanks to a multiple of 8 bytes. After it
 * come records of little-endian doubles, one for each of `fields`: `lane`, `phase` and `outcome`
 * are indexes of the lists here, times are ns on the monotonic clock of the run, NaN where there
 * was none. A torn last record is of a process that was killed.
 */
export const samplesHeaderSchema = z.object({
  schema: z.literal(SAMPLES_SCHEMA),
  worker: countSchema,
  clockOriginNs: z.number().meta({
    description:
      'CLOCK_MONOTONIC of the machine where the times have their zero: with it, logs of other ' +
      'programs of this machine can be laid beside them.',
  }),
  lanes: z.array(
    z.object({
      flow: z.string(),
      step: z.string(),
      values: z
        .array(z.string())
        .meta({ description: 'Metrics that its operations have as value0, value1 and so on.' }),
    }),
  ),
  phases: z.array(z.string()),
  outcomes: z.array(z.string()),
  fields: z.array(z.string()),
});
export type SamplesHeader = z.infer<typeof samplesHeaderSchema>;

import { z } from 'zod';
import { seriesSchema } from './series.ts';
import { trialFacts } from './trial-facts.ts';
import { countSchema, stateSchema, textMapSchema, timestampSchema } from './values.ts';

export const META_SCHEMA = 'loadgen/meta@1';

const machineSchema = z.object({
  host: z.string(),
  platform: z.string(),
  architecture: z.string(),
  cpu: z.string().meta({ description: 'The model as the system names it.' }),
  cores: countSchema,
  memoryBytes: countSchema,
});
export type Machine = z.infer<typeof machineSchema>;

/** `meta.json`: who, where and with what; the first file of a trial. */
export const metaSchema = z.object({
  schema: z.literal(META_SCHEMA),
  state: stateSchema,
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  scenarioFile: z.string(),
  ...trialFacts,
  gitCommit: z.string().nullable().meta({ description: 'Of the folder that loadgen ran in.' }),
  machine: machineSchema,
  jobs: textMapSchema.meta({ description: 'Job ids of the scheduler, by environment variable.' }),
  series: z.array(seriesSchema).meta({ description: 'What is recorded, from the first second.' }),
  imageDigest: z.string().nullable().meta({ description: 'LOADGEN_IMAGE_DIGEST, if set.' }),
});
export type Meta = z.infer<typeof metaSchema>;

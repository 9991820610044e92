import { z } from 'zod';
import {
  countSchema,
  idSchema,
  scalarMapSchema,
  stateSchema,
  textMapSchema,
  timestampSchema,
} from './values.ts';

export const META_SCHEMA = 'loadgen/meta@1';

export const machineSchema = z.object({
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
  runId: idSchema,
  trialId: idSchema,
  scenario: z.string(),
  scenarioFile: z.string(),
  trial: countSchema,
  trialCount: countSchema,
  axes: scalarMapSchema,
  seed: z.number(),
  planHash: z.string().nullable(),
  workers: countSchema,
  labels: textMapSchema.meta({ description: 'Of all targets; the first that sets one counts.' }),
  tags: textMapSchema,
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  versions: z.object({ loadgen: z.string(), node: z.string() }),
  gitCommit: z.string().nullable().meta({ description: 'Of the folder that loadgen ran in.' }),
  machine: machineSchema,
  jobs: textMapSchema.meta({ description: 'Job ids of the scheduler, by environment variable.' }),
  imageDigest: z.string().nullable().meta({ description: 'LOADGEN_IMAGE_DIGEST, if set.' }),
});
export type Meta = z.infer<typeof metaSchema>;

import { z } from 'zod';
import { WHEN_LATE } from '../../load/executors/load-model.ts';
import { clockRecordSchema, mergedShardSchema, shardSchema } from './shard.ts';
import {
  countSchema,
  idSchema,
  nanosecondsSchema,
  scalarMapSchema,
  textMapSchema,
  timestampSchema,
} from './values.ts';

const targetSchema = z.object({
  name: z.string(),
  driver: z.string(),
  client: z.string().meta({ description: 'raw, or the library that sends the requests.' }),
  url: z.string().meta({ description: 'Without user, password and query.' }),
  server: z.string().nullable().meta({ description: 'The recipe that was started, if one was.' }),
  connection: z.string(),
  labels: textMapSchema,
});
export type ResultTarget = z.infer<typeof targetSchema>;

const flowKeys = {
  name: z.string(),
  executor: z.string(),
  iterations: countSchema.nullable().meta({ description: 'null where something else ends it.' }),
  durationNs: nanosecondsSchema.nullable(),
  minima: z
    .object({ durationNs: nanosecondsSchema, iterations: countSchema })
    .optional()
    .meta({ description: 'What ended the load when both held.' }),
  steps: z.array(z.object({ name: z.string(), target: z.string() })),
};

const flowSchema = z.discriminatedUnion('model', [
  z.object({
    ...flowKeys,
    model: z.literal('closed'),
    vus: countSchema.meta({ description: 'At the highest point.' }),
    isConstantVus: z.boolean().optional().meta({ description: 'Absent where it is true.' }),
  }),
  z.object({
    ...flowKeys,
    model: z.literal('open'),
    peakRatePerSecond: z.number().min(0),
    isConstantRate: z.boolean(),
    arrival: z.string(),
    maxInFlight: countSchema,
    whenLate: z.enum(WHEN_LATE),
    maxLatenessNs: nanosecondsSchema.nullable(),
  }),
]);
export type ResultFlow = z.infer<typeof flowSchema>;

export const declarationSchema = z.object({
  name: z.string(),
  kind: z.enum(['histogram', 'counter', 'gauge', 'share']),
  unit: z.enum(['ns', 'count', 'bytes', 'ratio']),
  description: z.string(),
  better: z.enum(['lower', 'higher', 'neither']),
  resolution: z.enum(['fine', 'standard', 'whole', 'ratio']).optional(),
  ranks: z.enum(['operations', 'iterations']).optional(),
  whole: z.string().optional().meta({ description: 'What it is a share of.' }),
  rateOf: z.string().optional().meta({ description: 'The counter whose rate per second it is.' }),
  dialect: z
    .object({ name: z.string(), title: z.string(), word: z.string(), formula: z.string() })
    .optional()
    .meta({ description: 'The tool that defines it so, where it is not our own definition.' }),
});

/** What is known of a trial before it starts: in `meta.json`, and again in `result.json`. */
export const trialFacts = {
  runId: idSchema,
  trialId: idSchema,
  versions: z.object({ loadgen: z.string(), node: z.string() }),
  scenario: z.string(),
  trial: countSchema.meta({ description: 'From 1.' }),
  trialCount: countSchema,
  repetition: countSchema.optional().meta({
    description: 'From 1, where each point of the sweep is run several times.',
  }),
  axes: scalarMapSchema.meta({ description: 'The point of the sweep.' }),
  params: scalarMapSchema,
  tags: textMapSchema,
  seed: z.number(),
  planHash: z.string().nullable(),
  workers: countSchema,
  labels: textMapSchema.meta({ description: 'Of all targets; the first that sets one counts.' }),
  targets: z.array(targetSchema),
  flows: z.array(flowSchema),
  metrics: z.array(declarationSchema).meta({ description: 'What is measured, declared.' }),
  shard: shardSchema.optional().meta({ description: 'Where it carried a part of a plan only.' }),
  shards: z.array(mergedShardSchema).optional().meta({ description: 'Of a merged result.' }),
  startAskedAt: timestampSchema.optional().meta({ description: 'By --start-at.' }),
  clock: clockRecordSchema.optional(),
  samples: z
    .object({ recorded: countSchema, dropped: countSchema })
    .optional()
    .meta({ description: 'Records of the raw sample log, and those that did not fit.' }),
};

export const trialFactsSchema = z.object(trialFacts);
export type TrialFacts = z.infer<typeof trialFactsSchema>;

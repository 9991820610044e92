import { z } from 'zod';
import { OPERATORS, PLAIN_AGGREGATES } from '../../measure/thresholds/threshold-spec.ts';
import { PHASES } from '../../measure/metrics/outcome.ts';
import { countSchema, nanosecondsSchema, textMapSchema, timestampSchema } from './values.ts';

const aggregateSchema = z.union([
  z.object({ kind: z.literal('percentile'), percent: z.number() }),
  z.object({ kind: z.enum(PLAIN_AGGREGATES) }),
]);

const thresholdSpecSchema = z.object({
  text: z.string(),
  metric: z.string(),
  tags: textMapSchema,
  aggregate: aggregateSchema.optional(),
  operator: z.enum(OPERATORS),
  value: z.number(),
  unit: z.enum(['ns', 'bytes', 'ratio', 'number']),
  perSecond: z.boolean(),
  minSamples: countSchema.optional(),
  allowNoData: z.boolean(),
  allowThin: z.boolean(),
});

/** Which part of a plan a run carried, and what `loadgen merge` needs to know of the whole. */
export const shardSchema = z.object({
  index: countSchema.min(1).meta({ description: 'From 1.' }),
  count: countSchema.min(1),
  planned: z
    .array(z.object({ flow: z.string(), phase: z.enum(PHASES), arrivals: countSchema }))
    .meta({ description: 'Arrivals of all shards together, where the load plans them.' }),
  thresholds: z.array(thresholdSpecSchema),
});
export type ShardFacts = z.infer<typeof shardSchema>;

const clockPairSchema = z.object({
  wallMs: z.number().meta({ description: 'Milliseconds since 1970-01-01 UTC.' }),
  clockNs: z.number().meta({ description: 'On the monotonic clock of the run.' }),
});

/** The wall clock beside the monotonic one, at the start of the load and at its end. */
export const clockRecordSchema = z.object({
  start: clockPairSchema,
  end: clockPairSchema.optional(),
  steps: z
    .array(z.object({ clockNs: z.number(), stepMs: z.number() }))
    .meta({ description: 'Jumps of the wall clock by 10 ms or more.' }),
  driftMs: z.number().meta({ description: 'How far the wall clock went beside its jumps.' }),
});

/** How a shard took part in a merged result. */
export const mergedShardSchema = z.object({
  index: countSchema.min(1),
  state: z.enum(['complete', 'late', 'incomplete', 'interrupted', 'missing']),
  runId: z.string().nullable(),
  host: z.string().nullable(),
  startedAt: timestampSchema.nullable(),
  lateNs: nanosecondsSchema.nullable().meta({
    description: 'After the start that was asked for, or after the first shard.',
  }),
  unsent: countSchema.meta({ description: 'Arrivals of its plan that it never came to.' }),
});
export type MergedShard = z.infer<typeof mergedShardSchema>;

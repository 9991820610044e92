import { z } from 'zod';
import { PHASES } from '../../measure/metrics/outcome.ts';
import { accountSchema } from './account.ts';
import { monitorsSchema } from './monitors.ts';
import {
  countMapSchema,
  countSchema,
  nanosecondsSchema,
  shareSchema,
  timestampSchema,
} from './values.ts';

const latencySchema = z.object({
  count: countSchema.meta({ description: 'Samples of this interval.' }),
  maxNs: nanosecondsSchema,
  p50Ns: nanosecondsSchema.optional(),
  p90Ns: nanosecondsSchema.optional(),
  p95Ns: nanosecondsSchema.optional(),
  p99Ns: nanosecondsSchema.optional(),
  'p99.9Ns': nanosecondsSchema.optional(),
  notAnsweredShare: shareSchema.optional().meta({
    description: 'Of what was ranked; percentiles that fall among these are left out.',
  }),
});

const valuesSchema = z.object({
  count: countSchema.meta({ description: 'Samples of this interval.' }),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
  p50: z.number().optional(),
  p90: z.number().optional(),
  p95: z.number().optional(),
  p99: z.number().optional(),
  'p99.9': z.number().optional(),
});

/** A line of `intervals.ndjson`: one second of one phase. Counts are of that second alone. */
export const intervalRowSchema = z.object({
  phase: z.enum(PHASES),
  second: countSchema.meta({ description: 'From 0 at the beginning of its phase.' }),
  seconds: countSchema.meta({ description: 'How many seconds the row covers; usually 1.' }),
  startedAt: timestampSchema,
  startedAtNs: nanosecondsSchema,
  durationNs: nanosecondsSchema,
  due: countSchema,
  started: countSchema,
  unsent: countMapSchema,
  waiting: countSchema.meta({ description: 'At the end of the interval.' }),
  operations: countMapSchema,
  inFlight: countSchema.meta({ description: 'At the end of the interval.' }),
  throughput: z.number().min(0).meta({ description: 'Operations answered ok, per second.' }),
  percentiles: z.record(z.string(), latencySchema).meta({
    description: 'By metric, over all its series; those with too few samples are left out.',
  }),
  values: z.record(z.string(), valuesSchema).optional().meta({
    description:
      'The same of metrics that are no times, in their own units; left out where there is none.',
  }),
  counters: z.record(z.string(), z.number()).meta({
    description: 'What each series `metric{tag=value;…}` grew by; those that did not are left out.',
  }),
  gauges: z.record(z.string(), z.number()).meta({
    description: 'Their levels at the end of the interval.',
  }),
  monitors: monitorsSchema.optional(),
  account: accountSchema.meta({ description: 'Since the phase began.' }),
});
export type IntervalRow = z.infer<typeof intervalRowSchema>;
export type IntervalLatency = z.infer<typeof latencySchema>;
export type IntervalValues = z.infer<typeof valuesSchema>;

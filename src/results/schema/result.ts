import { z } from 'zod';
import { WHEN_LATE } from '../../load/executors/load-model.ts';
import { accountSchema } from './account.ts';
import { seriesRecordSchema } from './series.ts';
import {
  countSchema,
  idSchema,
  nanosecondsSchema,
  scalarMapSchema,
  shareSchema,
  textMapSchema,
  timestampSchema,
} from './values.ts';

export const RESULT_SCHEMA = 'loadgen/result@1';

const targetSchema = z.object({
  name: z.string(),
  driver: z.string(),
  client: z.string().meta({ description: 'raw, or the library that sent the requests.' }),
  url: z.string().meta({ description: 'Without user, password and query.' }),
  server: z.string().nullable().meta({ description: 'The recipe that was started, if one was.' }),
  connection: z.string(),
  labels: textMapSchema,
});

const flowBase = {
  name: z.string(),
  executor: z.string(),
  iterations: countSchema.nullable().meta({ description: 'null where something else ends it.' }),
  durationNs: nanosecondsSchema.nullable(),
  steps: z.array(z.object({ name: z.string(), target: z.string() })),
};

const flowSchema = z.discriminatedUnion('model', [
  z.object({ ...flowBase, model: z.literal('closed'), vus: countSchema }),
  z.object({
    ...flowBase,
    model: z.literal('open'),
    peakRatePerSecond: z.number().min(0),
    isConstantRate: z.boolean(),
    arrival: z.string(),
    maxInFlight: countSchema,
    whenLate: z.enum(WHEN_LATE),
    maxLatenessNs: nanosecondsSchema.nullable(),
  }),
]);

const phaseSchema = z.object({
  phase: z.enum(['warmup', 'measure', 'drain']),
  startedAt: timestampSchema,
  startNs: nanosecondsSchema.meta({ description: 'On the monotonic clock of the run.' }),
  endNs: nanosecondsSchema,
});

const throughputSchema = z.object({
  operationsPerSecond: z.number().min(0).meta({
    description: 'Operations answered ok in the measured time, of whatever phase.',
  }),
  tailShare: shareSchema.nullable().meta({
    description: 'Of an iteration count: the share of the time below full concurrency.',
  }),
});

const thresholdSchema = z.object({
  text: z.string(),
  series: z.string().nullable().meta({ description: 'Which of several, for `tag:*`.' }),
  state: z.enum(['passed', 'failed', 'undecided']),
  observed: z.string().meta({ description: 'The measured value in words, with its unit.' }),
  reason: z.string().nullable().meta({ description: 'Why it is undecided, or where it failed.' }),
  thin: z.boolean().meta({ description: 'Judged on fewer samples than its percentile needs.' }),
  abortedRun: z.boolean(),
});

const declarationSchema = z.object({
  name: z.string(),
  kind: z.enum(['histogram', 'counter', 'gauge', 'share']),
  unit: z.enum(['ns', 'count', 'bytes', 'ratio']),
  description: z.string(),
  better: z.enum(['lower', 'higher', 'neither']),
  resolution: z.enum(['fine', 'standard']).optional(),
});

const failureReasonSchema = z.object({
  target: z.string(),
  reason: z.string(),
  count: countSchema,
});

const verdictSchema = z.object({
  state: z.enum(['VALID', 'SUSPECT', 'INVALID', 'NOT_JUDGED']),
  reasons: z.array(z.string()),
});

/** `result.json`: everything that a report, other thresholds or a comparison needs of one trial. */
export const resultSchema = z.object({
  schema: z.literal(RESULT_SCHEMA),
  state: z.enum(['complete', 'incomplete', 'interrupted']),
  runId: idSchema,
  trialId: idSchema,
  versions: z.object({ loadgen: z.string(), node: z.string() }),
  scenario: z.string(),
  trial: countSchema,
  trialCount: countSchema,
  axes: scalarMapSchema,
  params: scalarMapSchema,
  tags: textMapSchema,
  seed: z.number(),
  planHash: z.string().nullable(),
  workers: countSchema,
  labels: textMapSchema,
  targets: z.array(targetSchema),
  flows: z.array(flowSchema),
  phases: z.array(phaseSchema),
  durationSeconds: z.number().min(0).meta({ description: 'Of the measured phase, T1 − T0.' }),
  throughput: throughputSchema,
  accounts: z.object({ warmup: accountSchema.nullable(), measure: accountSchema }),
  metrics: z.array(declarationSchema),
  series: z.array(seriesRecordSchema).meta({ description: 'Of both phases, tag `phase`.' }),
  thresholds: z.array(thresholdSchema),
  failureReasons: z.array(failureReasonSchema).meta({
    description: 'The most frequent ones; what they leave of the failed operations is not listed.',
  }),
  verdict: verdictSchema,
  notes: z.array(z.string()),
  exitCode: countSchema.nullable(),
});

export type Result = z.infer<typeof resultSchema>;
export type ResultTarget = Result['targets'][number];
export type ResultFlow = Result['flows'][number];
export type ResultThreshold = Result['thresholds'][number];
export type ResultPhase = Result['phases'][number];

import { z } from 'zod';
import { accountSchema } from './account.ts';
import { generatorSchema } from './monitors.ts';
import { failureReasonSchema, preparationSchema } from './preparation.ts';
import { seriesRecordSchema } from './series.ts';
import { storageSchema } from './storage.ts';
import { trialFacts } from './trial-facts.ts';
import {
  countSchema,
  nanosecondsSchema,
  shareSchema,
  textMapSchema,
  timestampSchema,
} from './values.ts';

export type { ResultFlow, ResultTarget } from './trial-facts.ts';

export const RESULT_SCHEMA = 'loadgen/result@1';

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

const windowSchema = z
  .object({
    seconds: countSchema,
    judged: countSchema.meta({ description: 'Full windows that there were.' }),
    notPassed: countSchema,
    worst: z
      .object({ fromSecond: countSchema, toSecond: countSchema })
      .nullable()
      .meta({ description: 'Seconds since T0 between which the window observed lies.' }),
  })
  .meta({ description: 'Of a threshold judged in windows: what stands here is the worst one.' });

const abortedSchema = z
  .object({
    threshold: z.string().meta({ description: 'As it was written.' }),
    tags: textMapSchema,
    atSecond: z.number().min(0).meta({ description: 'Since T0.' }),
  })
  .meta({ description: 'The threshold with abortOnFail that ended the load, where one did.' });

const stageSchema = z.object({
  name: z.string(),
  flow: z.string(),
  fromNs: nanosecondsSchema.meta({ description: 'Since T0.' }),
  toNs: nanosecondsSchema,
  durationSeconds: z.number().min(0).meta({
    description: 'Whole seconds of the run that lie in it: what ended in them is in its series.',
  }),
  series: z.array(seriesRecordSchema).meta({ description: 'Those that recorded something.' }),
});
export type ResultStage = z.infer<typeof stageSchema>;

const statisticsSchema = z
  .object({
    seconds: countSchema.meta({ description: 'Whole seconds of the measured phase.' }),
    method: z.string().nullable().meta({ description: 'Of the 95% intervals.' }),
    intervals: z.array(
      z.object({
        metric: z.string().meta({ description: 'throughput, or a latency in ns.' }),
        percent: z.number().nullable(),
        low: z.number(),
        high: z.number().nullable().meta({ description: 'null: not bounded by what was seen.' }),
        blockSeconds: countSchema,
      }),
    ),
    trend: z
      .object({ perSecond: z.number(), isSignificant: z.boolean() })
      .nullable()
      .meta({ description: 'Of the medians of response_time in the seconds: ns per second.' }),
    backlog: z
      .object({ perSecond: z.number(), score: z.number(), isGrowing: z.boolean() })
      .nullable()
      .meta({ description: 'Of open loads: iterations due and not ended, in the second half.' }),
  })
  .meta({ description: 'What the seconds of the run say about its figures.' });

const thresholdSchema = z.object({
  text: z.string().meta({ description: 'As it was written.' }),
  status: z.enum(['passed', 'failed', 'undecided']).meta({ description: 'undecided fails too.' }),
  observed: z
    .object({
      value: z.number(),
      unit: z.enum(['ns', 'count', 'bytes', 'ratio']),
      perSecond: z.boolean(),
    })
    .nullable(),
  reason: z.string().nullable().meta({ description: 'Why there is no observed value.' }),
  tags: textMapSchema.meta({ description: 'Of the series judged, where `tag:*` makes several.' }),
  thin: z.boolean().meta({ description: 'Judged on fewer samples than its percentile needs.' }),
  window: windowSchema.optional(),
});
export type ResultThreshold = z.infer<typeof thresholdSchema>;

const verdictSchema = z.object({
  state: z.enum(['VALID', 'SUSPECT', 'INVALID', 'NOT_JUDGED']),
  reasons: z.array(z.string()).meta({ description: 'In words; the worst first.' }),
  findings: z
    .array(
      z.object({
        state: z.enum(['SUSPECT', 'INVALID']).meta({ description: 'What it alone makes of it.' }),
        what: z.string(),
        figure: z.string(),
        remedy: z.string(),
      }),
    )
    .optional()
    .meta({ description: 'The parts of the reasons.' }),
});

const outputSchema = z.object({
  name: z.string(),
  unit: z.string().meta({ description: 'What is counted: rows, packets, exports, …' }),
  accepted: countSchema,
  delivered: countSchema,
  dropped: countSchema,
  lastError: z.string().nullable(),
});
const ceilingSchema = z
  .object({
    operationsPerSecond: z.number().min(0).meta({
      description: 'That one worker reached against a null server, answers not checked.',
    }),
    isLowerBound: z.boolean().meta({ description: 'It was not loadgen that had no core left: shares are upper bounds.' }),
    measuredAt: timestampSchema,
    usedShare: z.number().min(0).meta({ description: 'Over the measured phase, of all workers.' }),
    busiestSecondShare: z.number().min(0),
  })
  .meta({ description: 'Where `loadgen calibrate` measured requests of this shape here before.' });
export type ResultCeiling = z.infer<typeof ceilingSchema>;

const serverLooksSchema = z
  .object({
    target: z.string(),
    kind: z.enum(['stats', 'prometheus', 'process', 'disk']),
    everyNs: nanosecondsSchema,
    looks: countSchema,
    failures: countSchema,
    missed: countSchema.meta({ description: 'Due while the one before had not come back.' }),
    turnedAway: countSchema.meta({ description: 'Series beyond those that are kept.' }),
    lastError: z.string().nullable(),
    totals: z
      .array(z.object({ series: z.string(), before: z.number(), after: z.number() }))
      .meta({ description: 'Counters as the server gave them before the load and after it.' }),
  })
  .meta({ description: 'How looking at a server fared; what was seen stands in `series`.' });

const worstAnswersSchema = z
  .object({
    metric: z.string(),
    tags: textMapSchema,
    answers: z.array(z.object({ iteration: countSchema, value: z.number() })),
  })
  .meta({
    description: 'Of a score, the worst answers of the measured phase, by their iteration.',
  });

const answerDigestSchema = z
  .object({
    metric: z.string(),
    tags: textMapSchema,
    mean: z.number(),
    digests: z.string().meta({
      description:
        'Base64: of up to 512 queries, those with the lowest keys, 32 bits of a hash of what is right for it and 32 bits of one of the ids that were answered, in their order (0: they varied).',
    }),
  })
  .meta({ description: 'Of a score of ids, how queries of the measured phase were answered.' });

/** `result.json`: everything that a report, other thresholds or a comparison needs of one trial. */
export const resultSchema = z.object({
  schema: z.literal(RESULT_SCHEMA),
  state: z.enum(['complete', 'incomplete', 'interrupted']),
  exitCode: countSchema.nullable(),
  ...trialFacts,
  phases: z.array(phaseSchema),
  durationSeconds: z.number().min(0).meta({ description: 'Of the measured phase, T1 − T0.' }),
  throughput: throughputSchema,
  preparations: z.array(preparationSchema).optional().meta({
    description: 'What ran before the load and behind it, in this order.',
  }),
  stages: z.array(stageSchema).optional().meta({ description: 'Named stages of the load.' }),
  accounts: z.object({ warmup: accountSchema.nullable(), measure: accountSchema }),
  thresholds: z.array(thresholdSchema),
  aborted: abortedSchema.optional(),
  statistics: statisticsSchema.optional(),
  failureReasons: z.array(failureReasonSchema).meta({
    description: 'The most frequent ones; what they leave of the failed operations is not listed.',
  }),
  outputs: z.array(outputSchema).optional().meta({
    description: 'How live outputs fared until the end of the trial.',
  }),
  verdict: verdictSchema,
  generator: generatorSchema.optional(),
  ceiling: ceilingSchema.optional(),
  worstAnswers: z.array(worstAnswersSchema).optional(),
  answerDigests: z.array(answerDigestSchema).optional(),
  serverLooks: z.array(serverLooksSchema).optional(),
  storage: z.array(storageSchema).optional(),
  notes: z.array(z.string()),
  series: z.array(seriesRecordSchema).meta({ description: 'Of both phases, by the tag `phase`.' }),
});
export type Result = z.infer<typeof resultSchema>;

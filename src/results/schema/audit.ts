import { z } from 'zod';
import { countMapSchema, countSchema, idSchema, timestampSchema } from './values.ts';

export const AUDIT_SCHEMA = 'loadgen/audit@1';

const distributionSchema = z
  .object({
    count: countSchema,
    minNs: z.number(),
    p50Ns: z.number(),
    p90Ns: z.number(),
    p99Ns: z.number(),
    maxNs: z.number(),
  })
  .meta({ description: 'Exact: the value at rank ceil(percent / 100 × count). 0 when empty.' });
export type AuditDistribution = z.infer<typeof distributionSchema>;

const comparisonSchema = z.object({
  metric: z.enum(['service_time', 'response_time']),
  loadgen: distributionSchema,
  server: distributionSchema.meta({
    description:
      'By the stamps of the server: departure − arrival beside service_time, departure − planned ' +
      'start beside response_time.',
  }),
  difference: distributionSchema.meta({ description: 'Of each operation: loadgen − server.' }),
  ways: z
    .object({ there: distributionSchema, back: distributionSchema })
    .nullable()
    .meta({
      description:
        'Of service_time: what the difference is made of. From the socket call to the server’s ' +
        'arrival stamp, with its reading; from its departure stamp to the last byte read here.',
    }),
  distance: z
    .object({ ns: z.number(), atPercent: z.number() })
    .meta({ description: 'The largest between the two distributions at one rank.' }),
  curve: z
    .array(z.tuple([z.number(), z.number(), z.number()]))
    .meta({ description: '[percent, loadgen ns, server ns], for a picture.' }),
  printed: z.array(
    z.object({ percent: z.number(), histogramNs: z.number(), exactNs: z.number() }),
  ).meta({ description: 'What the histograms of the result say, beside a recount of the raw log.' }),
});
export type AuditComparison = z.infer<typeof comparisonSchema>;

const secondSchema = z.object({
  second: countSchema.meta({ description: 'Since T0; the first that the row covers.' }),
  seconds: countSchema,
  due: countSchema.meta({ description: 'loadgen: iterations due.' }),
  answered: countSchema.meta({ description: 'loadgen: operations that ended with an answer.' }),
  arrived: countSchema.meta({ description: 'The server’s log.' }),
  departed: countSchema.meta({ description: 'The server’s log.' }),
});
export type AuditSecond = z.infer<typeof secondSchema>;

const checkSchema = z.object({
  name: z.string(),
  kind: z.enum(['record', 'timing']).meta({
    description: 'A busy machine excuses no record, and may excuse a timing.',
  }),
  limit: z.string().meta({ description: 'What must hold, in words.' }),
  observed: z.string(),
  holds: z.boolean(),
});
export type AuditCheck = z.infer<typeof checkSchema>;

/** `audit.json`: what a run did by its own account, beside the log of the server that it loaded. */
export const auditSchema = z.object({
  schema: z.literal(AUDIT_SCHEMA),
  runId: idSchema,
  auditedAt: timestampSchema,
  scenario: z.string().meta({ description: 'The one that was audited.' }),
  load: z.string().meta({ description: 'In words.' }),
  versions: z.object({ loadgen: z.string(), node: z.string() }),
  machine: z.object({
    cpu: z.string(),
    cores: countSchema,
    loadAverage: z.number().meta({ description: 'Of the minute before: programs that ran or waited.' }),
  }),
  trialFolder: z.string().meta({ description: 'Its name inside the run folder.' }),
  server: z.object({
    recipe: z.string(),
    options: z.array(z.string()),
    description: z.string().meta({ description: 'What it said when it was ready.' }),
    clockOriginNs: z
      .number()
      .meta({ description: 'Its stamps less this are on the clock of the run and its raw log.' }),
  }),
  changes: z.array(z.string()).meta({ description: 'How the load differs from the scenario.' }),
  plan: z
    .object({
      planned: countSchema,
      due: countSchema,
      started: countSchema,
      unsent: countMapSchema,
      distanceNs: z
        .number()
        .meta({ description: 'The largest between an intended start and the plan, drawn anew.' }),
      arrivalLag: distributionSchema.meta({
        description: 'Arrival at the server − planned start, of first steps.',
      }),
      ownLag: distributionSchema.meta({
        description: 'The same without waiting for a free place or a connection.',
      }),
    })
    .nullable()
    .meta({ description: 'Of open loads, the measured phase.' }),
  requests: z.object({
    sent: countSchema.meta({ description: 'Operations written to a socket, of both phases.' }),
    notSent: countSchema.meta({ description: 'Operations that ended before.' }),
    logged: countSchema.meta({ description: 'Rows of the server’s log.' }),
    matched: countSchema,
    missing: countSchema.meta({ description: 'Sent, and not in the log.' }),
    duplicated: countSchema.meta({ description: 'In the log more often than they were sent.' }),
    unknown: countSchema.meta({ description: 'In the log, and never sent.' }),
    unlogged: countSchema.meta({ description: 'That the server’s log had no room for.' }),
  }),
  comparisons: z.array(comparisonSchema),
  outcomes: z.array(
    z.object({
      status: countSchema.meta({ description: 'In the server’s log; 0 where it sent no answer.' }),
      outcome: z.string(),
      count: countSchema,
      agrees: z.boolean(),
    }),
  ),
  seconds: z.array(secondSchema),
  checks: z.array(checkSchema),
  holds: z.boolean().meta({ description: 'All checks do.' }),
});
export type Audit = z.infer<typeof auditSchema>;

import { z } from 'zod';
import { countSchema, scalarMapSchema, shareSchema, timestampSchema } from './values.ts';

export const BASELINE_SCHEMA = 'loadgen/baseline@1';

const figureSchema = z.object({
  metric: z.enum(['throughput', 'response_time']),
  percent: z.number().nullable().meta({ description: 'Of a latency.' }),
  status: z.enum(['held', 'regressed', 'undecided']),
  limit: z.number().meta({ description: 'Of the ratio: the least throughput, the most latency.' }),
  ratio: z.number().nullable().meta({ description: 'This run ÷ the baseline.' }),
  low: z.number().nullable(),
  high: z.number().nullable().meta({ description: 'null: not bounded by what was seen.' }),
  current: z.number().nullable().meta({ description: 'Per second, or in ns.' }),
  baseline: z.number().nullable(),
  reason: z.string().nullable().meta({ description: 'Why it is undecided.' }),
});
export type BaselineFigure = z.infer<typeof figureSchema>;

/** `baseline.json`: a run beside an earlier one of the same plan. */
export const baselineSchema = z.object({
  schema: z.literal(BASELINE_SCHEMA),
  status: z.enum(['held', 'regressed', 'undecided']).meta({
    description:
      'regressed: at least one figure is; undecided: not one figure could be decided. Both fail.',
  }),
  maxRegression: shareSchema,
  baseline: z.object({
    folder: z.string(),
    runId: z.string(),
    startedAt: timestampSchema.nullable(),
    loadgen: z.string(),
  }),
  points: z.array(
    z.object({
      axes: scalarMapSchema,
      runs: countSchema,
      baselineRuns: countSchema,
      figures: z.array(figureSchema),
    }),
  ),
  notes: z.array(z.string()),
});
export type BaselineComparison = z.infer<typeof baselineSchema>;

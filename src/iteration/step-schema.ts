import { z } from 'zod';
import type { DriverDefinition } from '../drivers/driver.ts';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { durationSchema } from '../base/time/duration.ts';
import type { ThinkTime } from './think-time.ts';
import { NS_PER_MS } from '../base/time/clock.ts';
import { tagSchema, toDataTag, type DataTag } from './data-tags.ts';
import { recordSchema, type OwnMetric } from './own-metrics.ts';

const expressionSchema = z.string().min(1);

const scoreSchema = z.union([
  expressionSchema.transform((of) => ({ of })),
  z
    .strictObject({
      of: expressionSchema.meta({ description: 'What is right, as CEL.' }),
      target: z.number().optional().meta({
        description: 'Answers with a worse score are counted as `below_target`.',
      }),
    })
    .transform(({ of, target }) => ({ of, ...(target !== undefined && { target }) })),
]);

/** The keys that every step has beside its verb; `scenario` composes them with the verbs. */
export const stepKeys = {
  name: nameSchema.meta({ description: 'Name of the step, unique in its flow; a tag.' }),
  target: nameSchema.optional().meta({
    description: 'The target it goes to; may be left out where there is only one.',
  }),
  when: expressionSchema.optional().meta({
    description:
      'A CEL expression over what is known before the request; unless it is true the step is skipped, and nothing is counted.',
  }),
  expect: z.array(expressionSchema).default([]).meta({
    description:
      'CEL expressions that must be true of the answer; else the operation is `check_failed`. One that names the status replaces the rule of the driver for it.',
  }),
  extract: z.record(nameSchema, expressionSchema).default({}).meta({
    description:
      'Values for later steps by name, as CEL expressions over the answer, read as `steps.<step>.<name>`. One that is missing makes the operation `check_failed`.',
  }),
  slo: z
    .union([
      z.string().min(1),
      z.record(
        z.string().regex(/^[a-z][a-z0-9_]*$/, 'the name of a metric'),
        z.union([durationSchema, z.number().min(0)]),
      ),
    ])
    .default({})
    .meta({
      inWords: 'map of duration or number, or name',
      description:
        'Limits by metric: response_time, service_time, and what the driver measures of an operation; a duration for times, a number for counts and bytes. An operation that is ok and meets all of them counts as goodput; of a metric with many values an operation each must meet it. Or the name of limits that the driver knows, such as mlperf-llama2-70b-server.',
    }),
  timeout: durationSchema.optional().meta({
    description: 'From the moment a connection is usable; by default the timeout of the target.',
  }),
  deadline: durationSchema.optional().meta({
    description: 'From the intended time; past it the operation is a `timeout`.',
  }),
  onFail: z.enum(['endIteration', 'continue']).default('endIteration').meta({
    description: 'Whether a failure keeps the later steps from being attempted.',
  }),
  poll: z
    .strictObject({
      until: expressionSchema.meta({ description: 'CEL over the answer: true ends the poll.' }),
      every: durationSchema
        .refine((ns) => ns > 0, 'longer than 0')
        .prefault('50ms')
        .meta({
          description: 'From one request to the next; later where the answer takes longer.',
        }),
    })
    .optional()
    .meta({
      inWords: 'map',
      description:
        '`{ until: CEL, every: 50ms }` repeats the request until an answer fits; each is an operation, `poll_time` is from the first intended to the answer that fits, and the timeout of the step spans all of them.',
    }),
  record: recordSchema.prefault({}).meta({
    inWords: 'map of `{ value: CEL, unit }`',
    description:
      'Own metrics by name, numbers from answers: `{ value: "json.took", unit: ms }`. Units: ns, us, ms, s, bytes, count (whole numbers).',
  }),
  score: z.record(z.string().min(1), scoreSchema).default({}).meta({
    inWords: 'map of CEL, or of `{ of: CEL, target }`',
    description:
      'How good answers are, by scorer: `{ recall@10: queries.truth }`, `{ recall@10: { of: queries.truth, target: 0.9 } }` to count answers worse than 0.9, `recall_ids@10`, `{ wer: clips.text }`, `{ tolerance: rows.expected }`; the expression gives what is right. Scored beside the load, of answers that are ok.',
  }),
  exact: z.boolean().optional().meta({
    description:
      'Whether answers must be the nearest rows: a recall below 1 ends the run with an error. Without it so where `prepare` makes a flat index and the truth was found by loadgen.',
  }),
  checkShare: z
    .union([z.number(), z.string().regex(/^\d+(\.\d+)?%$/, 'a share with its %, such as 1%')])
    .transform((share) => (typeof share === 'number' ? share : Number.parseFloat(share) / 100))
    .refine((share) => share >= 0 && share <= 1, 'a share from 0% to 100%')
    .default(1)
    .meta({
      inWords: 'share',
      description:
        'The share of operations on which `expect`, `record` and `score` run, drawn by the seed.',
    }),
  weight: z.number().positive().max(1e9).optional().meta({
    description: 'How often it is chosen, in proportion to the others; inside `oneOf` only.',
  }),
  tags: z.record(nameSchema, tagSchema).default({}).meta({
    inWords: 'map of text, number, true or false, or map',
    description:
      'Tags of the step’s series, beside those of target and flow. One out of data has a closed set of values: `{ value: queries.tenant, oneOf: [free, pro] }` or `{ value: queries.length, buckets: [128, 512] }`; whatever is none of them is `other`.',
  }),
  items: expressionSchema.optional().meta({
    description: 'Units of work in one operation, as a CEL expression; 1 by default.',
  }),
} as const;

const stepKeysSchema = z.object(stepKeys);
export type StepKeys = z.output<typeof stepKeysSchema>;

/** A step with nothing left open: plain data, compiled by `compileFlow`. */
export interface StepPlan {
  readonly name: string;
  readonly target: string;
  readonly driver: string;
  readonly verb: string;
  /** The verb's parsed value, with templates still as text. */
  readonly spec: unknown;
  readonly expect: readonly string[];
  readonly extract: Readonly<Record<string, string>>;
  /** Metric → limit in its own unit, ns for times. Empty: the step has no goodput. */
  readonly slo: Readonly<Record<string, number>>;
  readonly timeoutMs: number;
  readonly deadlineMs?: number;
  readonly onFail: 'endIteration' | 'continue';
  readonly tags: Readonly<Record<string, string>>;
  readonly items?: string;
  readonly poll?: { readonly until: string; readonly everyNs: number };
  readonly record?: readonly OwnMetric[];
  readonly dataTags?: readonly DataTag[];
  readonly score?: readonly ScoreSpec[];
  /** Whether the index it searches is declared exact, or declared not to be. */
  readonly exact?: boolean;
  /** Below 1 where only a part of the answers is checked. */
  readonly checkShare?: number;
  /** Think steps right before it. */
  readonly thinkBefore?: readonly ThinkTime[];
}

/** How answers are scored: the name of a scorer, and what is right as CEL. */
export interface ScoreSpec {
  readonly scorer: string;
  readonly reference: string;
  /** Worse scores are counted. */
  readonly target?: number;
}

/** What a step's own keys do not say. */
export interface StepSetting {
  readonly target: string;
  readonly driver: string;
  readonly verb: string;
  readonly spec: unknown;
  /** The driver's named limits. */
  readonly sloPresets?: DriverDefinition['sloPresets'];
  /** Of the target, for a step that says nothing about it. */
  readonly timeoutMs: number;
}

/** The plan of a step from its parsed keys. */
export function toStepPlan(keys: StepKeys, given: StepSetting): StepPlan {
  const { sloPresets = {}, ...setting } = given;
  const { name, expect, extract, slo, onFail, tags, timeout, deadline, items, poll } = keys;
  const dataTags = Object.entries(tags).flatMap(([tag, value]) =>
    typeof value === 'string' ? [] : [toDataTag(tag, value)],
  );
  return {
    ...setting,
    name,
    expect,
    extract,
    slo: typeof slo === 'string' ? (sloPresets[slo] ?? {}) : slo,
    onFail,
    tags: constantTags(tags),
    ...(timeout !== undefined && { timeoutMs: timeout / NS_PER_MS }),
    ...(deadline !== undefined && { deadlineMs: deadline / NS_PER_MS }),
    ...(items !== undefined && { items }),
    ...(poll !== undefined && { poll: { until: poll.until, everyNs: poll.every } }),
    ...(keys.record.length > 0 && { record: keys.record }),
    ...(dataTags.length > 0 && { dataTags }),
    ...(Object.keys(keys.score).length > 0 && {
      score: Object.entries(keys.score).map(([scorer, { of, ...rest }]) => {
        return { scorer, reference: of, ...rest };
      }),
    }),
    ...(keys.exact !== undefined && { exact: keys.exact }),
    ...(keys.checkShare < 1 && { checkShare: keys.checkShare }),
  };
}

function constantTags(tags: StepKeys['tags']): Record<string, string> {
  const constant = Object.entries(tags).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(constant) as Record<string, string>;
}

/** Whether a step does more than one request whose answer is checked. */
export function isRichStep({ poll, record, dataTags, checkShare }: StepPlan): boolean {
  return [poll, record, dataTags, checkShare].some((feature) => feature !== undefined);
}

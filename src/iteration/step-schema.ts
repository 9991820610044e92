import { z } from 'zod';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { durationSchema } from '../base/time/duration.ts';
import type { ThinkTime } from './think-time.ts';
import { NS_PER_MS } from '../base/time/clock.ts';

const expressionSchema = z.string().min(1);

/** The keys that every step has beside its verb; `scenario` composes them with the verbs. */
export const stepKeys = {
  name: nameSchema.meta({ description: 'Name of the step, unique in its flow; a tag.' }),
  target: nameSchema.optional().meta({
    description: 'The target it goes to; may be left out where there is only one.',
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
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'the name of a metric'), durationSchema)
    .default({})
    .meta({
      description:
        'Limits by metric (response_time, service_time, the driver’s phases). An operation that is ok and meets all of them counts as goodput.',
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
  tags: z
    .record(nameSchema, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .meta({ description: 'Tags of the step’s series, beside those of target and flow.' }),
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
  /** Metric → limit in ns. Empty: the step has no goodput. */
  readonly slo: Readonly<Record<string, number>>;
  readonly timeoutMs: number;
  readonly deadlineMs?: number;
  readonly onFail: 'endIteration' | 'continue';
  readonly tags: Readonly<Record<string, string>>;
  readonly items?: string;
  /** Think steps right before it. */
  readonly thinkBefore?: readonly ThinkTime[];
}

/** What a step's own keys do not say. */
export interface StepSetting {
  readonly target: string;
  readonly driver: string;
  readonly verb: string;
  readonly spec: unknown;
  /** Of the target, for a step that says nothing about it. */
  readonly timeoutMs: number;
}

/** The plan of a step from its parsed keys. */
export function toStepPlan(keys: StepKeys, setting: StepSetting): StepPlan {
  const { name, expect, extract, slo, onFail, tags, timeout, deadline, items } = keys;
  return {
    ...setting,
    name,
    expect,
    extract,
    slo,
    onFail,
    tags,
    ...(timeout !== undefined && { timeoutMs: timeout / NS_PER_MS }),
    ...(deadline !== undefined && { deadlineMs: deadline / NS_PER_MS }),
    ...(items !== undefined && { items }),
  };
}

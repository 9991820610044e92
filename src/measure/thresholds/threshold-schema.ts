import { z } from 'zod';
import { parseThreshold, type ThresholdProblem } from './parse-threshold.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

export type { ThresholdSpec } from './threshold-spec.ts';

export const expressionSchema = z.string().meta({
  description: 'metric [{tag:value,…}] [aggregate] operator value',
  examples: ['response_time{step:embed} p(99) < 250ms', 'error_rate < 0.1%', 'unsent share < 1%'],
});

export const thresholdMapSchema = z.strictObject({
  threshold: expressionSchema,
  minSamples: z.int().min(1).optional().meta({
    description: 'Undecided below so many samples; a percentile has a floor of its own beside it.',
  }),
  allowNoData: z.boolean().default(false).meta({
    description: 'Passes when nothing was recorded, where it would else be undecided.',
  }),
  allowThin: z.boolean().default(false).meta({
    description: 'Judges a percentile below its sample floor, and marks the result.',
  }),
  window: laterKey('window', 'the threshold is judged over the whole measured phase'),
  abortOnFail: laterKey('abortOnFail', 'thresholds are judged when the run has ended'),
  delayAbortEval: laterKey('delayAbortEval', 'thresholds are judged when the run has ended'),
});

/** One entry of `thresholds`: the expression alone, or a map with it and how it is judged. */
export const thresholdSchema = z
  .union([expressionSchema, thresholdMapSchema])
  .transform((written, context): ThresholdSpec => {
    const { threshold: text, ...rules } =
      typeof written === 'string' ? { ...DEFAULTS, threshold: written } : written;
    const parsed = parseThreshold(text);
    if ('problem' in parsed) {
      const path = typeof written === 'string' ? [] : ['threshold'];
      const message = describeProblem(parsed.problem);
      context.issues.push({ code: 'custom', message, input: text, path });
      return z.NEVER;
    }
    const { minSamples, allowNoData, allowThin } = rules;
    const floor = minSamples === undefined ? {} : { minSamples };
    return { ...parsed.threshold, allowNoData, allowThin, ...floor };
  });

const DEFAULTS = { minSamples: undefined, allowNoData: false, allowThin: false };

/** A key of the language that this version does not carry out: refused, and never ignored. */
function laterKey(name: string, instead: string): z.ZodOptional<z.ZodNever> {
  const error = `${name} is not supported by this version: ${instead}`;
  return z.never({ error }).optional();
}

function describeProblem({ message, offset, hint }: ThresholdProblem): string {
  return `${message} at character ${offset + 1} (${hint})`;
}

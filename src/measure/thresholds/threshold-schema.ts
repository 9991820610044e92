import { z } from 'zod';
import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { durationSchema } from '../../base/time/duration.ts';
import { parseThreshold, type ThresholdProblem } from './parse-threshold.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

export type { ThresholdSpec } from './threshold-spec.ts';

/** A bound on the seconds that the runner keeps while the load runs. */
const LONGEST_WINDOW_SECONDS = 600;

function isWholeSeconds(ns: number): boolean {
  const seconds = ns / NS_PER_SECOND;
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_WINDOW_SECONDS;
}

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
  window: durationSchema
    .refine(isWholeSeconds, `whole seconds, from 1s to ${LONGEST_WINDOW_SECONDS / 60}m`)
    .optional()
    .meta({
      description:
        'Must hold in every full window of this length, sliding by a second, where it would else be judged over the whole phase.',
    }),
  abortOnFail: z.boolean().default(false).meta({
    description: 'Failing while the load runs stops the trial, with exit code 99.',
  }),
  delayAbortEval: durationSchema.prefault('0s').meta({
    description: 'For so long from the start of the measured phase, failing stops nothing.',
  }),
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
    const { minSamples, allowNoData, allowThin, window, abortOnFail, delayAbortEval } = rules;
    return {
      ...parsed.threshold,
      allowNoData,
      allowThin,
      ...(minSamples !== undefined && { minSamples }),
      ...(window !== undefined && { windowSeconds: window / NS_PER_SECOND }),
      ...(abortOnFail && { abortOnFail }),
      ...(delayAbortEval > 0 && { delayAbortEvalNs: delayAbortEval }),
    };
  });

const DEFAULTS = {
  minSamples: undefined,
  allowNoData: false,
  allowThin: false,
  window: undefined,
  abortOnFail: false,
  delayAbortEval: 0,
} as const;

function describeProblem({ message, offset, hint }: ThresholdProblem): string {
  return `${message} at character ${offset + 1} (${hint})`;
}

import { z } from 'zod';
import {
  expressionSchema,
  thresholdMapSchema,
  thresholdSchema,
  type ThresholdSpec,
} from '../thresholds/threshold-schema.ts';

/** A threshold on the generator itself. */
export interface VerdictRule {
  readonly spec: ThresholdSpec;
  /** Not holding makes the run INVALID, and not only SUSPECT. */
  readonly invalid: boolean;
}

/** A verdict is passed when the load has ended: a rule of it ends no trial. */
const mapSchema = thresholdMapSchema.omit({ abortOnFail: true, delayAbortEval: true }).extend({
  invalid: z.boolean().default(false).meta({
    description: 'Makes the run INVALID (exit code 90), where it else becomes SUSPECT.',
  }),
});

/** One entry of `verdict`: written as a threshold. */
export const verdictRuleSchema = z
  .union([expressionSchema, mapSchema])
  .transform((written, context): VerdictRule => {
    const { invalid, ...threshold } =
      typeof written === 'string' ? { threshold: written, invalid: false } : written;
    const parsed = thresholdSchema.safeParse(typeof written === 'string' ? written : threshold);
    if (parsed.success) return { spec: parsed.data, invalid };
    for (const { path, message } of parsed.error.issues) {
      context.issues.push({ code: 'custom', message, input: written, path: [...path] });
    }
    return z.NEVER;
  });

import { z } from 'zod';
import type { Account } from '../../measure/metrics/interval.ts';
import { countMapSchema, countSchema } from './values.ts';

/**
 * due = started + Σ unsent + waiting; started = completed + aborted + interrupted + running;
 * attempted = Σ operations + inFlight.
 */
export const accountSchema = z.object({
  due: countSchema,
  started: countSchema,
  unsent: countMapSchema,
  waiting: countSchema,
  completed: countSchema,
  aborted: countSchema,
  interruptedIterations: countSchema,
  running: countSchema,
  attempted: countSchema,
  operations: countMapSchema.meta({ description: 'By outcome, all of them.' }),
  inFlight: countSchema,
}) satisfies z.ZodType<Account>;

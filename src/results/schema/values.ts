import { z } from 'zod';

/** Values that several documents share. Times are whole nanoseconds, shares lie between 0 and 1. */
export const countSchema = z.int().min(0);
export const nanosecondsSchema = z.int();
export const shareSchema = z.number().min(0).max(1);
export const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);
export const textMapSchema = z.record(z.string(), z.string());
export const scalarMapSchema = z.record(z.string(), scalarSchema);
export const countMapSchema = z.record(z.string(), countSchema);

export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .meta({ description: 'A UUID of version 7.' });

export const timestampSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/)
  .meta({ description: 'UTC, as 2026-11-22T10:34:26.123Z.' });

export const thinSchema = z
  .array(z.string())
  .meta({ description: 'Percentiles that are null because there are too few samples for them.' });

/** How far a run or trial came. `running` stands only in files of one that has not ended. */
export const stateSchema = z.enum(['running', 'complete', 'incomplete', 'interrupted']).meta({
  description:
    'complete: it ran to its end; interrupted: stopped by the user; incomplete: it ended early for another reason, or was killed.',
});
export type State = z.infer<typeof stateSchema>;

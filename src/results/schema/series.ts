import { z } from 'zod';
import { countSchema, textMapSchema } from './values.ts';

const histogramSchema = z.object({
  resolution: z.enum(['fine', 'standard']).meta({
    description: 'HdrHistogram cells of 3 digits: units of 16 ns up to 137 s, or 512 ns to 4,398 s.',
  }),
  count: countSchema,
  min: z.number(),
  max: z.number(),
  sum: z.number(),
  cells: z.array(z.tuple([countSchema, countSchema])).meta({
    description: '[cell, count] of the cells that are not empty, ascending.',
  }),
});

/** One metric with one set of tags: a number, or the counts of its values. */
export const seriesRecordSchema = z.object({
  metric: z.string(),
  tags: textMapSchema,
  value: z.number().optional(),
  histogram: histogramSchema.optional(),
});

import { z } from 'zod';
import { countSchema, textMapSchema } from './values.ts';

const histogramSchema = z.object({
  resolution: z.enum(['fine', 'standard', 'whole', 'ratio']).meta({
    description:
      'HdrHistogram cells of 3 digits: units of 16 ns up to 137 s, or of 512 ns up to 4,398 s.',
  }),
  count: countSchema,
  min: z.number(),
  max: z.number(),
  sum: z.number(),
  cells: z.array(z.tuple([countSchema, countSchema])).meta({
    description: '[cell, count] of the cells that are not empty, ascending.',
  }),
});

const gaugeSchema = z.object({
  last: z.number(),
  min: z.number(),
  max: z.number(),
  sum: z.number(),
  count: countSchema.meta({ description: 'Instants at which it was read, one an interval.' }),
});

const seriesKeys = {
  metric: z.string(),
  tags: textMapSchema,
  kind: z.enum(['counter', 'gauge', 'histogram']),
  unit: z.enum(['ns', 'count', 'bytes', 'ratio']),
  first: z.literal(true).optional().meta({
    description: 'On the first step of a flow, where its unsent iterations rank.',
  }),
};

/** That a series is there, without what it counted. */
export const seriesSchema = z.object(seriesKeys);
export type SeriesHead = z.infer<typeof seriesSchema>;

/** A metric with one set of tags, and what was recorded of it. */
export const seriesRecordSchema = z.object({
  ...seriesKeys,
  value: z.number().optional(),
  gauge: gaugeSchema.optional(),
  histogram: histogramSchema.optional(),
});

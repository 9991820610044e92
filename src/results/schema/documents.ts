import { z } from 'zod';
import { baselineSchema } from './baseline.ts';
import { auditSchema } from './audit.ts';
import { comparisonSchema } from './comparison.ts';
import { intervalRowSchema } from './interval-row.ts';
import { metaSchema } from './meta.ts';
import { metricsJsonSchema } from './metrics-json.ts';
import { resultSchema } from './result.ts';
import { runSchema } from './run.ts';
import { sizingSchema } from './sizing.ts';

/** Every document that loadgen writes, by the file name of its JSON Schema in docs/schemas. */
export const resultSchemas: Readonly<Record<string, z.ZodType>> = {
  'run.schema.json': runSchema,
  'meta.schema.json': metaSchema,
  'result.schema.json': resultSchema,
  'interval-row.schema.json': intervalRowSchema,
  'metrics.schema.json': metricsJsonSchema,
  'comparison.schema.json': comparisonSchema,
  'sizing.schema.json': sizingSchema,
  'baseline.schema.json': baselineSchema,
  'audit.schema.json': auditSchema,
};

const TITLES: Readonly<Record<string, string>> = {
  'run.schema.json': 'run.json',
  'meta.schema.json': 'meta.json',
  'result.schema.json': 'result.json',
  'interval-row.schema.json': 'A line of intervals.ndjson',
  'metrics.schema.json': 'metrics.json',
  'baseline.schema.json': 'baseline.json',
  'comparison.schema.json': 'comparison/{model}/{framework}.json',
  'sizing.schema.json': 'sizing.json',
  'audit.schema.json': 'audit.json',
};

/** The published JSON Schemas: file name → content. Fields that are not named may be there too. */
export function resultJsonSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(resultSchemas).map(([file, schema]) => {
      const { $schema, ...body } = z.toJSONSchema(schema, { io: 'input' });
      return [file, { $schema, title: TITLES[file], ...body }];
    }),
  );
}

import { z } from 'zod';
import { nameSchema } from '../../../base/expressions/name-schema.ts';

const OPERATORS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'] as const;

export type FilterOperator = (typeof OPERATORS)[number];
export type FilterValue = string | number | boolean;

/** One thing that a row must meet; several are joined by and. */
export interface Condition {
  readonly field: string;
  readonly operator: FilterOperator;
  /** A list for `in`, else one value. */
  readonly value: FilterValue | readonly FilterValue[];
}

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);

const comparisonSchema = z
  .partialRecord(z.enum(OPERATORS), z.union([valueSchema, z.array(valueSchema).min(1)]))
  .refine((map) => Object.keys(map).length > 0, 'at least one comparison')
  .refine(
    (map) => Object.entries(map).every(([name, value]) => (name === 'in') === isListLike(value)),
    'a list for `in`, one value for the others',
  );

/** `{ n: { gte: 9000 }, kind: red }`: fields by name, all of them must fit. */
export const filterSchema = z
  .record(nameSchema, z.union([valueSchema, comparisonSchema]))
  .refine((map) => Object.keys(map).length > 0, 'at least one field')
  .transform((map) =>
    Object.entries(map).flatMap(([field, wanted]) => conditionsOf(field, wanted)),
  );

/** A template stands for a list too. */
function isListLike(value: unknown): boolean {
  return Array.isArray(value) || (typeof value === 'string' && value.includes('{{'));
}

function conditionsOf(
  field: string,
  wanted: z.output<typeof valueSchema> | z.output<typeof comparisonSchema>,
): Condition[] {
  if (typeof wanted !== 'object') return [{ field, operator: 'eq', value: wanted }];
  return Object.entries(wanted).map(([operator, value]) => ({
    field,
    operator: operator as FilterOperator,
    value,
  }));
}

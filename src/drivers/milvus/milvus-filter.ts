import type { Condition, FilterOperator } from '../vocabulary/vectors/vector-filter.ts';
import { integerId, type RowId } from '../vocabulary/vectors/vector-ids.ts';

const OPERATORS: Readonly<Record<FilterOperator, string>> = {
  eq: '==',
  ne: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  in: 'in',
};

/** Conditions in Milvus's expression language; empty where there are none. */
export function expressionOf(conditions: readonly Condition[]): string {
  return conditions
    .map(({ field, operator, value }) => `${field} ${OPERATORS[operator]} ${JSON.stringify(value)}`)
    .join(' and ');
}

export function idsExpression(ids: readonly RowId[]): string {
  return `id in [${ids.map(integerId).join(',')}]`;
}

/** What a search says of how hard to look, in Milvus's names. */
export function searchParameters({
  ef,
  nprobe,
}: {
  readonly ef: number | undefined;
  readonly nprobe: number | undefined;
}): Record<string, number> {
  return { ...(ef !== undefined && { ef }), ...(nprobe !== undefined && { nprobe }) };
}

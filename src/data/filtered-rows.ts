import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { compileExpression, type Expression } from '../base/expressions/expression.ts';
import { membersOf } from '../base/expressions/roots.ts';
import type { Scope } from '../base/expressions/template.ts';
import type { RowSource } from './row-source.ts';

interface FilterContext {
  readonly feeder: string;
  readonly params: Scope;
}

/**
 * The rows for which the CEL expression `where` is true; it reads the row under the feeder's own
 * name, and `params`. All rows are read once. Throws DATA_NOT_USABLE.
 */
export function filteredRows(
  source: RowSource,
  where: string,
  { feeder, params }: FilterContext,
): RowSource {
  const unusable = (at: string, reason: string, cause?: unknown): LoadgenError =>
    new LoadgenError('DATA_NOT_USABLE', { feeder, source: at, reason }, { cause });
  const roots = {
    params: membersOf(Object.keys(params)),
    [feeder]: membersOf(source.fields),
  };
  let expression: Expression;
  try {
    expression = compileExpression(where, { roots });
  } catch (error) {
    throw unusable(`where: ${where}`, reasonOf(error), error);
  }
  const kept: number[] = [];
  const scope: Scope = { params };
  for (let index = 0; index < source.rowCount; index++) {
    scope[feeder] = source.row(index);
    const at = `where: ${where}, row ${index + 1}`;
    let value: unknown;
    try {
      value = expression.evaluate(scope);
    } catch (error) {
      throw unusable(at, reasonOf(error), error);
    }
    if (typeof value !== 'boolean') {
      throw unusable(at, `expected true or false, found ${JSON.stringify(value)}`);
    }
    if (value) kept.push(index);
  }
  const indexes = Float64Array.from(kept);
  return {
    ...source,
    rowCount: indexes.length,
    row: (index, position) => source.row(indexes[index]!, position),
  };
}

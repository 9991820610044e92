import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import type { VerbUse } from '../driver.ts';
import { parameterBytes } from '../wire/postgres/parameter-text.ts';

/** A value of a statement, in bytes as the wire takes it; null is NULL. */
export type BoundValue = string | null;

/** Compiles a value that may hold `{{ }}`. It throws an ExpressionError for a row that breaks it. */
export function compileBindValue(
  value: string | number | boolean | null,
  use: Pick<VerbUse, 'value'>,
): (scope: Scope) => BoundValue {
  const read = compileAnyValue(value, use);
  const text = String(value);
  return (scope) => bytesOf(read(scope), text);
}

/** The same, before it becomes bytes. */
export function compileAnyValue(
  value: string | number | boolean | null,
  use: Pick<VerbUse, 'value'>,
): (scope: Scope) => unknown {
  return typeof value === 'string' ? use.value(value) : () => value;
}

/** `text` is how the scenario has it. */
export function bytesOf(value: unknown, text: string): BoundValue {
  try {
    return parameterBytes(value);
  } catch (error) {
    throw new ExpressionError((error as Error).message, { text }, { cause: error });
  }
}

import { ExpressionError } from '../../../base/expressions/expression-error.ts';
import { hasPlaceholder } from '../../../base/expressions/placeholders.ts';
import type { Scope } from '../../../base/expressions/template.ts';
import type { VerbUse } from '../../driver.ts';

/** A value of a verb that may change from row to row. */
export interface Bound<Value> {
  readonly isConstant: boolean;
  of(scope: Scope): Value;
}

/** A constant is made at first use, once. */
export function bound<Value>(isConstant: boolean, make: (scope: Scope) => Value): Bound<Value> {
  if (!isConstant) return { isConstant, of: make };
  let made: { readonly value: Value } | undefined;
  return { isConstant, of: (scope) => (made ??= { value: make(scope) }).value };
}

export function bindText(use: VerbUse, text: string): Bound<string>;
export function bindText<Value>(
  use: VerbUse,
  text: string,
  take: (value: unknown) => Value,
): Bound<Value>;
export function bindText(
  use: VerbUse,
  text: string,
  take: (value: unknown) => unknown = String,
): Bound<unknown> {
  if (!hasPlaceholder(text)) return bound(true, () => take(text));
  const value = use.value(text);
  return bound(false, (scope) => take(value(scope)));
}

/** A whole number from 1 on. */
export function bindWhole(use: VerbUse, value: number | string, name: string): Bound<number> {
  if (typeof value === 'number') return bound(true, () => value);
  return bindText(use, value, (found) => {
    const number = Number(found);
    if (Number.isSafeInteger(number) && number >= 1) return number;
    throw new ExpressionError(`${name} is ${String(found)}, no whole number from 1`, {
      text: value,
    });
  });
}

/**
 * A list, or a template of one; templates within a list are filled too. One value is a list of
 * one, so that a feeder with a batch of 1 needs no other scenario.
 */
export function bindList(
  use: VerbUse,
  value: string | readonly unknown[],
): Bound<readonly unknown[]> {
  if (typeof value === 'string') {
    return bindText(use, value, (found) =>
      Array.isArray(found) ? (found as readonly unknown[]) : [found],
    );
  }
  const items = value.map((item) =>
    typeof item === 'string' ? bindText(use, item, (found) => found) : bound(true, () => item),
  );
  const isConstant = items.every((item) => item.isConstant);
  return bound(isConstant, (scope) => items.map((item) => item.of(scope)));
}

import { z } from 'zod';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import type { Expression } from '../base/expressions/expression.ts';
import type { Scope } from '../base/expressions/template.ts';
import { parseDurationNs } from '../base/time/duration.ts';

const UNITS_NS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;
type TimeUnit = keyof typeof UNITS_NS;

/** A time out of data or answers: plain data. */
export interface TakenTime {
  readonly kind: 'from';
  /** CEL over what is known before the next request. */
  readonly from: string;
  /** Of the number that it gives; without it, it gives a text with its unit. */
  readonly unit?: TimeUnit;
}

/** Keys of a map that says where a time is taken from. */
export const takenTimeKeys = {
  from: z.string().min(1).optional(),
  unit: z.enum(Object.keys(UNITS_NS) as [TimeUnit, ...TimeUnit[]]).optional(),
};

/** Why a value of CEL's static type `type` cannot be the time; undefined where it may be. */
export function wrongTimeType(type: string, { unit }: TakenTime): string | undefined {
  switch (type) {
    case 'dyn':
      return undefined;
    case 'int':
    case 'double':
      return unit === undefined ? 'it gives a number, which needs a `unit` beside it' : undefined;
    case 'string':
      return unit === undefined ? undefined : 'it gives a text, which has its unit in itself';
    default:
      return `it gives ${type}; expected a number, or a text such as 250ms`;
  }
}

/** In ns. Throws an ExpressionError for a value that is no time. */
export function takenNs({ unit }: TakenTime, expression: Expression, scope: Scope): number {
  const value = expression.evaluate(scope);
  const ns = unit === undefined ? nsOfText(value) : nsOfNumber(value, unit);
  if (ns !== undefined) return ns;
  const expected = unit === undefined ? 'a text such as 250ms' : `a number of ${unit}, 0 or more`;
  const message = `expected ${expected}, found ${JSON.stringify(value)}`;
  throw new ExpressionError(message, { text: expression.text });
}

function nsOfText(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDurationNs(value) : undefined;
}

function nsOfNumber(value: unknown, unit: TimeUnit): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  return Math.round(value * UNITS_NS[unit]);
}

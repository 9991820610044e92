import { ExpressionError } from '../base/expressions/expression-error.ts';
import { OUTCOME } from '../measure/metrics/outcome.ts';
import type { CompiledStep } from './compile-step.ts';
import type { VuScope } from './vu-scope.ts';

/**
 * The outcome of an operation after its expectations. An answer is checked when the driver calls
 * it ok, and, where an expectation names the status and so replaces the driver's rule for it,
 * also when the driver calls it `status_error` or `rejected`: such a one keeps that outcome when
 * it fails, and is ok when it passes. What is no answer is never checked.
 */
export function judge(step: CompiledStep, scope: VuScope, outcome: number): number {
  const isChecked =
    outcome === OUTCOME.ok ||
    (step.replacesStatus && (outcome === OUTCOME.status_error || outcome === OUTCOME.rejected));
  if (!isChecked) return outcome;
  const { expectations } = step;
  for (let i = 0; i < expectations.length; i++) {
    if (!expectations[i]!.test(scope)) return outcome === OUTCOME.ok ? broken(step, i) : outcome;
  }
  if (step.extracts.length === 0 || extractAll(step, scope)) return OUTCOME.ok;
  return broken(step, expectations.length);
}

function broken(step: CompiledStep, check: number): number {
  step.broken[check]!++;
  return OUTCOME.check_failed;
}

/** Which checks answers failed, in words, and how often. */
export function brokenChecks(steps: readonly CompiledStep[]): BrokenCheck[] {
  return steps.flatMap(({ name, target, expectations, broken: counts }) =>
    [...counts].flatMap((count, check): BrokenCheck[] => {
      if (count === 0) return [];
      const words = expectations[check]?.text ?? 'a value to extract is missing';
      return [
        { target, reason: `${name}: ${check < expectations.length ? 'not ' : ''}${words}`, count },
      ];
    }),
  );
}

export interface BrokenCheck {
  /** Index of the target among those of the flow. */
  readonly target: number;
  readonly reason: string;
  readonly count: number;
}

/** False when one of the values is not there. */
function extractAll({ name: stepName, extracts }: CompiledStep, scope: VuScope): boolean {
  const values = scope.steps[stepName]!;
  try {
    for (const { name, expression } of extracts) values[name] = kept(expression.evaluate(scope));
    return true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** The driver may reuse the bytes of an answer for the next one. */
function kept(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return value;
}

/** Units of work of an operation that is ok; undefined where `items` gives no count. */
export function countItems({ items }: CompiledStep, scope: VuScope): number | undefined {
  if (items === undefined) return 1;
  try {
    const count = Number(items.evaluate(scope));
    return Number.isFinite(count) && count >= 0 ? count : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

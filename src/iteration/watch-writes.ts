import { compileValue } from '../base/expressions/compile-template.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import type { Shape } from '../base/expressions/roots.ts';
import type { Scope } from '../base/expressions/template.ts';
import type { CollectionUse } from '../drivers/driver.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../measure/metrics/outcome.ts';

/** A step that writes rows of a collection whose searches are scored: plain data. */
export interface RowWatch {
  /** The collection, among those that are watched. */
  readonly subject: number;
  readonly kind: Extract<CollectionUse['does'], 'adds' | 'replaces' | 'deletes'>;
  /** The feeder of its rows among those that the truth is over; -1 where it is none of them. */
  readonly source: number;
  /** As written; undefined where a filter says which. */
  readonly ids: unknown;
}

export interface CompiledWatch extends RowWatch {
  idsOf(scope: Scope): unknown;
}

/** Where writes of rows are told of; like scores, never waited for. */
export interface WriteSink {
  writeBegan(write: RowWatch & { readonly ticket: number; readonly beganNs: number }): void;
  /** `ackedNs`: Infinity where nobody knows whether it took place, NaN where it was never sent. */
  writeEnded(write: RowWatch, ticket: number, ackedNs: number): void;
}

export function compileWatch(watch: RowWatch, roots: Shape): CompiledWatch {
  const { ids } = watch;
  if (Array.isArray(ids)) {
    const each = ids.map((id) => valueOf(id, roots));
    return { ...watch, idsOf: (scope) => each.map((one) => one(scope)) };
  }
  const one = valueOf(ids, roots);
  return {
    ...watch,
    idsOf(scope) {
      const value = one(scope);
      return typeof value === 'number' ? [value] : value;
    },
  };
}

/** Right before an operation is sent: from now on its rows may be there. */
export function beginWrite(
  watch: CompiledWatch,
  scope: Scope,
  sink: WriteSink,
  { slot, nowNs }: { readonly slot: number; readonly nowNs: number },
): void {
  const { subject, kind, source } = watch;
  const ids = idsIn(watch, scope);
  sink.writeBegan({ subject, kind, source, ids, ticket: slot, beganNs: nowNs });
}

/** Right after its end. */
export function endWrite(watch: RowWatch, slots: OperationSlots, slot: number, sink: WriteSink) {
  const isOk = slots.outcome[slot] === OUTCOME.ok;
  const wasSent = slots.sent[slot]! > 0;
  const ackedNs = isOk ? slots.done[slot]! : wasSent ? Infinity : Number.NaN;
  sink.writeEnded(watch, slot, ackedNs);
}

function valueOf(value: unknown, roots: Shape): (scope: Scope) => unknown {
  if (typeof value !== 'string' || !hasPlaceholder(value)) return () => value;
  return compileValue(value, { roots });
}

function idsIn(watch: CompiledWatch, scope: Scope): unknown {
  try {
    return watch.idsOf(scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

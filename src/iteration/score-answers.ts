import { ExpressionError } from '../base/expressions/expression-error.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';
import type { CompiledStep } from './compile-step.ts';
import type { ScoreSink } from './flow-runtime.ts';
import type { VuScope } from './vu-scope.ts';

/** Hands an answer that is ok to the scorers of its step. */
export function scoreAnswer(
  { scores }: CompiledStep,
  scope: VuScope,
  sink: ScoreSink,
  /** `lane`: from the first lane of the step. */
  of: { readonly phase: number; readonly iteration: number; readonly lane: number },
  { slots, slot }: { readonly slots: OperationSlots; readonly slot: number },
): void {
  const { phase, iteration } = of;
  for (const { scorer, answerField, reference } of scores) {
    const right = valueOf(() => reference.evaluate(scope));
    sink.score({
      scorer: scorer + of.lane * scores.length,
      phase,
      iteration,
      sentNs: slots.sent[slot]!,
      doneNs: slots.done[slot]!,
      answer: scope[answerField],
      reference: right,
    });
  }
}

/** Where an expression finds nothing there is nothing that is right. */
function valueOf(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

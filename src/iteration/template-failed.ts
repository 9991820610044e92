import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import type { Feeder } from '../data/feeder.ts';
import type { CompiledStep } from './compile-step.ts';

/** What a request, or a think time, that could not be made ends the run with: which row broke which template. */
export function bindFailure(
  thrown: unknown,
  step: Pick<CompiledStep, 'name' | 'reads'>,
  row: { readonly feeders: readonly Feeder[]; readonly iteration: number },
): unknown {
  if (!(thrown instanceof ExpressionError)) return thrown;
  const { feeders, iteration } = row;
  const used = feeders.filter(({ name }) =>
    [...step.reads].some((path) => path.split('.')[0] === name),
  );
  const rows = used.map((feeder) => `${feeder.rowNumber(iteration)} of "${feeder.name}"`);
  return new LoadgenError(
    'TEMPLATE_FAILED',
    {
      template: thrown.text,
      step: step.name,
      row: rows.join(' and ') || `none (iteration ${iteration})`,
      reason: thrown.message,
    },
    { cause: thrown },
  );
}

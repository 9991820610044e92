import { ExpressionError } from '../../base/expressions/expression-error.ts';
import { hasPlaceholder } from '../../base/expressions/placeholders.ts';
import type { Scope } from '../../base/expressions/template.ts';
import type { VerbUse } from '../driver.ts';
import { holdsTemplate, type InferInputSpec } from './kserve-config.ts';
import { filledTensor, preparedTensor, tensorOf, type Tensor } from './tensor.ts';

/** One input of a step, compiled. */
export interface InputTensor {
  readonly name: string;
  /** The tensor where no row changes it. */
  readonly constant: Tensor | undefined;
  /** Throws an ExpressionError for a row whose values do not fit. */
  bind(scope: Scope): Tensor;
}

type Read = (scope: Scope) => unknown;

export function compileInputs(
  use: Pick<VerbUse, 'value'>,
  inputs: Readonly<Record<string, InferInputSpec>>,
): readonly InputTensor[] {
  return Object.entries(inputs).map(([name, spec]) => compileInput(use, name, spec));
}

function compileInput(
  use: Pick<VerbUse, 'value'>,
  name: string,
  spec: InferInputSpec,
): InputTensor {
  const { datatype, fill } = spec;
  const readShape = valueReader(use, spec.shape);
  const readContent = valueReader(use, fill ?? spec.data);
  const make = fill === undefined ? tensorOf : memoOfShape(filledTensor);
  const tensor = (scope: Scope): Tensor => {
    const shape = readShape(scope) as readonly unknown[];
    if (!shape.every(isDimension)) throw new Error(`[${shape.join(', ')}] is no shape`);
    return make({ name, datatype, shape: shape as number[] }, readContent(scope));
  };
  if (!holdsTemplate([spec.shape, fill ?? null, spec.data ?? null])) {
    const constant = preparedTensor(tensor({}));
    return { name, constant, bind: () => constant };
  }
  const text = firstTemplate([spec.shape, fill ?? spec.data]) ?? name;
  return {
    name,
    constant: undefined,
    bind(scope) {
      try {
        return tensor(scope);
      } catch (error) {
        if (error instanceof ExpressionError) throw error;
        const reason = `input ${name}: ${(error as Error).message}`;
        throw new ExpressionError(reason, { text }, { cause: error });
      }
    },
  };
}

function isDimension(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Any JSON value with templates inside, whose values keep their types. */
export function valueReader(use: Pick<VerbUse, 'value'>, value: unknown): Read {
  if (typeof value === 'string' && hasPlaceholder(value)) return use.value(value);
  if (!Array.isArray(value) || !holdsTemplate(value)) return () => value;
  const members = value.map((member) => valueReader(use, member));
  return (scope) => members.map((read) => read(scope));
}

function firstTemplate(value: unknown): string | undefined {
  if (typeof value === 'string') return hasPlaceholder(value) ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  for (const member of value) {
    const found = firstTemplate(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A tensor that is filled is the same again for the same shape and value: the last one is kept. */
function memoOfShape(make: typeof filledTensor): typeof filledTensor {
  let last: { readonly value: unknown; readonly tensor: Tensor } | undefined;
  return (head, value) => {
    const isSame =
      last !== undefined &&
      Object.is(last.value, value) &&
      last.tensor.shape.length === head.shape.length &&
      last.tensor.shape.every((size, index) => size === head.shape[index]);
    if (!isSame) last = { value, tensor: preparedTensor(make(head, value)) };
    return last!.tensor;
  };
}

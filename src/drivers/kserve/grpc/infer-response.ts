import type { DatatypeName } from '../datatypes.ts';
import { outputOf, type Outputs, type OutputTensor } from '../outputs.ts';
import { isDatatype } from '../tensor.ts';
import { misfitOf } from '../tensor-values.ts';
import type { InferResponse } from './messages.ts';

/** Why a response does not hold these outputs as it says; undefined where it does. */
export function responseProblem(
  { outputs, contents }: InferResponse,
  wanted: readonly string[],
): string | undefined {
  if (contents.length !== outputs.length) {
    return `${contents.length} raw contents, where there are ${outputs.length} outputs`;
  }
  for (const [index, { name, datatype, shape }] of outputs.entries()) {
    if (!isDatatype(datatype)) return `output ${name} has no known datatype`;
    const misfit = misfitOf(datatype, shape, contents[index]!);
    if (misfit !== undefined) return `output ${name}: ${misfit}`;
  }
  const missing = wanted.find((name) => !outputs.some((output) => output.name === name));
  return missing && `the answer has no output ${missing}`;
}

/** Of a response without a problem. The contents have to stay as they are for as long as anybody may read the values. */
export function outputsOf({ outputs, contents }: InferResponse): Outputs {
  return Object.fromEntries(
    outputs.map(({ name, datatype, shape }, index): [string, OutputTensor] => [
      name,
      outputOf(datatype as DatatypeName, shape, contents[index]!),
    ]),
  );
}

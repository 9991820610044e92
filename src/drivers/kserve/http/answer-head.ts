import { isDatatype } from '../tensor.ts';
import { elementsOf } from '../tensor.ts';
import type { DatatypeName } from '../datatypes.ts';
import { flatElements } from '../outputs.ts';

/** What the JSON of an answer says about one output tensor. */
export interface OutputHead {
  readonly name: string;
  readonly datatype: DatatypeName;
  readonly shape: readonly number[];
  /** Bytes behind the JSON; undefined where its elements stand in `data`. */
  readonly byteLength: number | undefined;
  readonly data: readonly unknown[];
}

/** The JSON of an answer, as far as anybody reads it. */
export interface AnswerHead {
  readonly outputs: readonly OutputHead[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Reads the JSON of an answer; throws an Error whose message says why it is none. */
export function readAnswerHead(text: string): AnswerHead {
  const answer = objectOf(parsed(text), 'the answer');
  const { outputs, parameters = {} } = answer;
  if (!Array.isArray(outputs)) throw new Error('the answer has no list of outputs');
  return {
    outputs: outputs.map((output) => outputHead(objectOf(output, 'an output'))),
    parameters: objectOf(parameters, 'parameters'),
  };
}

function outputHead(output: Readonly<Record<string, unknown>>): OutputHead {
  const { name, datatype, shape, parameters = {}, data } = output;
  if (typeof name !== 'string') throw new Error('an output has no name');
  if (!isDatatype(datatype)) throw new Error(`output ${name} has no known datatype`);
  if (!Array.isArray(shape) || !shape.every(isSize)) throw new Error(`output ${name} has no shape`);
  const size = objectOf(parameters, 'parameters')['binary_data_size'];
  if (size !== undefined) {
    if (!isSize(size)) throw new Error(`output ${name} has no size`);
    return { name, datatype, shape, byteLength: size, data: [] };
  }
  if (!Array.isArray(data)) throw new Error(`output ${name} has no data`);
  const elements = flatElements(data);
  if (elements.length !== elementsOf(shape)) {
    const wanted = `[${shape.join(', ')}] has ${elementsOf(shape)}`;
    throw new Error(`output ${name}: ${elements.length} elements, where ${wanted}`);
  }
  return { name, datatype, shape, byteLength: undefined, data: elements };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is no JSON');
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new Error(`${what} is no JSON object`);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

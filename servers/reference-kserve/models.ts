import { sleepFor } from '../reference/schedule.ts';
import { ModelStatistics } from './statistics.ts';
import { BadRequest, countOf, decodeTexts, encodeTexts, type ServerTensor } from './tensors.ts';

export interface TensorSignature {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly optional?: boolean;
}

export interface InferenceRequest {
  readonly inputs: readonly ServerTensor[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Model {
  readonly name: string;
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  readonly decoupled: boolean;
  isLoaded: boolean;
  readonly statistics: ModelStatistics;
  /** One response, or of a decoupled model any number. */
  infer(request: InferenceRequest): AsyncIterable<readonly ServerTensor[]>;
}

type Compute = (request: InferenceRequest) => AsyncIterable<readonly ServerTensor[]>;

const DATATYPES =
  'BOOL INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 FP16 BF16 FP32 FP64 BYTES'.split(' ');

/** The models of the server, the same as those beside Triton's recipe, and one that fails. */
export function referenceModels(): Map<string, Model> {
  const list = [add(), echo(), repeat(), accumulate(), faulty()];
  return new Map(list.map((model) => [model.name, model]));
}

/** A model that takes anything and answers any output with one zero. */
export function anyModel(name: string): Model {
  return model({ name, inputs: [], outputs: [] }, async function* () {
    yield [];
  });
}

type Signature = Pick<Model, 'name' | 'inputs' | 'outputs'> & { readonly decoupled?: boolean };

function model({ decoupled = false, ...signature }: Signature, infer: Compute): Model {
  return { ...signature, decoupled, isLoaded: true, statistics: new ModelStatistics(), infer };
}

function add(): Model {
  const vector = (name: string) => ({ name, datatype: 'FP32', shape: [-1, -1] });
  const inputs = [vector('INPUT0'), vector('INPUT1')];
  const outputs = [vector('SUM'), vector('DIFFERENCE')];
  return model({ name: 'add', inputs, outputs }, async function* (request) {
    const left = inputOf(request, 'INPUT0');
    const right = inputOf(request, 'INPUT1');
    const a = floatsOf(left);
    const b = floatsOf(right);
    if (a.length !== b.length) throw new BadRequest('INPUT0 and INPUT1 differ in shape');
    const { shape, datatype } = left;
    yield [
      { name: 'SUM', datatype, shape, bytes: bytesOf(a.map((value, index) => value + b[index]!)) },
      {
        name: 'DIFFERENCE',
        datatype,
        shape,
        bytes: bytesOf(a.map((value, index) => value - b[index]!)),
      },
    ];
  });
}

function echo(): Model {
  const shape = [-1, -1];
  const inputs = DATATYPES.map((name) => ({ name, datatype: name, shape, optional: true }));
  const outputs = DATATYPES.map((name) => ({ name: `${name}_OUT`, datatype: name, shape }));
  return model({ name: 'echo', inputs, outputs }, async function* (request) {
    yield request.inputs.map((tensor) => ({ ...tensor, name: `${tensor.name}_OUT` }));
  });
}

function repeat(): Model {
  const number = (name: string) => ({ name, datatype: 'INT32', shape: [1] });
  const inputs = ['VALUE', 'COUNT', 'DELAY_US'].map(number);
  const signature = { name: 'repeat', inputs, outputs: [number('OUT')], decoupled: true };
  return model(signature, async function* (request) {
    const [value, count, delayUs] = inputs.map(({ name }) =>
      inputOf(request, name).bytes.readInt32LE(),
    ) as [number, number, number];
    for (let index = 0; index < count; index++) {
      if (delayUs > 0) await sleepFor(delayUs / 1000);
      if (value + index === FAILING_VALUE) throw new BadRequest('no number follows 665');
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value + index);
      yield [{ name: 'OUT', datatype: 'INT32', shape: [1], bytes }];
    }
  });
}

/** What `repeat` refuses in the middle of a stream. */
const FAILING_VALUE = 666;

function accumulate(): Model {
  const number = (name: string) => ({ name, datatype: 'INT32', shape: [-1, 1] });
  const sums = new Map<string, number>();
  const signature = { name: 'accumulate', inputs: [number('INPUT')], outputs: [number('SUM')] };
  return model(signature, async function* (request) {
    const { sequence_id, sequence_start, sequence_end } = request.parameters;
    if (sequence_id === undefined) throw new BadRequest('a sequence is needed');
    const id = JSON.stringify(sequence_id);
    if (!sums.has(id) && sequence_start !== true) throw new BadRequest(`no sequence ${id} is open`);
    const before = sequence_start === true ? 0 : sums.get(id)!;
    const sum = before + inputOf(request, 'INPUT').bytes.readInt32LE();
    sums.set(id, sum);
    if (sequence_end === true) sums.delete(id);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(sum);
    yield [{ name: 'SUM', datatype: 'INT32', shape: [1, 1], bytes }];
  });
}

/** Fails as its input FAULT asks; see `faults.ts`, which acts before this is reached. */
function faulty(): Model {
  const inputs = [{ name: 'FAULT', datatype: 'BYTES', shape: [1] }];
  const outputs = [{ name: 'OUT', datatype: 'BYTES', shape: [-1] }];
  return model({ name: 'faulty', inputs, outputs }, async function* (request) {
    const fault = faultOf(request.inputs) ?? '';
    const [, bytes = '2'] = /^large:(\d+)$/.exec(fault) ?? [];
    const [, delayMs = '0'] = /^delay:(\d+)$/.exec(fault) ?? [];
    if (delayMs !== '0') await sleepFor(Number(delayMs));
    yield [
      {
        name: 'OUT',
        datatype: 'BYTES',
        shape: [1],
        bytes: encodeTexts(['x'.repeat(Number(bytes))]),
      },
    ];
  });
}

export function faultOf(inputs: readonly ServerTensor[]): string | undefined {
  const tensor = inputs.find(({ name }) => name === 'FAULT');
  return tensor && decodeTexts(tensor.bytes)[0];
}

function inputOf({ inputs }: InferenceRequest, name: string): ServerTensor {
  const found = inputs.find((tensor) => tensor.name === name);
  if (found === undefined) throw new BadRequest(`input '${name}' is missing`);
  return found;
}

function floatsOf({ bytes, shape }: ServerTensor): Float32Array {
  const copy = Uint8Array.from(bytes);
  return new Float32Array(copy.buffer, 0, countOf(shape));
}

function bytesOf(floats: Float32Array): Buffer {
  return Buffer.from(floats.buffer as ArrayBuffer);
}

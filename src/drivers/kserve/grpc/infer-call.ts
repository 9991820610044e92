import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Scope } from '../../../base/expressions/template.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import type { GrpcOperation, GrpcRequest } from '../../vocabulary/grpc/grpc-request.ts';
import { MESSAGE_HEAD_BYTES, writeMessageHead } from '../../wire/grpc/message-frame.ts';
import { compileInputs, valueReader, type InputTensor } from '../input-tensors.ts';
import { holdsTemplate, type InferSpec } from '../kserve-config.ts';
import { requestParameters, wishOf, type AnswerWish } from '../kserve-operation.ts';
import type { Tensor } from '../tensor.ts';
import { operationOf, type GrpcTarget } from './grpc-call.ts';
import { inputField, outputField, parameterField, rawContentHead, textField } from './messages.ts';

/** What all calls of one step have in common, and what they want of their answers. */
export interface KserveGrpcOperation extends GrpcOperation {
  readonly wish: AnswerWish;
}

/** Has a decoupled model say that nothing follows where no response says so. */
const EMPTY_FINAL = { triton_enable_empty_final_response: true };
/** Of an inference. */
const PARAMETERS_FIELD = 4;

/** Compiles the verb `infer` for calls over gRPC, with contents as bytes. */
export function prepareCall(use: VerbUse, target: GrpcTarget): PreparedOperation {
  const spec = use.spec as InferSpec;
  if (!spec.binary) {
    const reason = 'binary: false is for HTTP, over gRPC tensors are always bytes';
    throw new LoadgenError('TARGET_NOT_USABLE', { target: target.name, reason });
  }
  const operation: KserveGrpcOperation = {
    ...operationOf(target, {
      method: spec.stream ? 'ModelStreamInfer' : 'ModelInfer',
      timeoutMs: use.timeoutMs,
      streamsAnswers: spec.stream,
    }),
    wish: wishOf(use, spec),
  };
  const inputs = compileInputs(use, spec.inputs);
  const message = new InferMessage(use, spec, inputs);
  if (message.isConstant) {
    const request = { operation, literals: '', pieces: [message.bind({})] };
    return { bind: () => request };
  }
  return {
    bind: (scope): GrpcRequest => ({ operation, literals: '', pieces: [message.bind(scope)] }),
  };
}

/** A ModelInferRequest with what of it no row changes written out once. */
class InferMessage {
  readonly isConstant: boolean;
  /** Model, version and outputs. */
  readonly #fixed: Buffer;
  readonly #parameters: (scope: Scope) => Buffer;
  readonly #inputs: readonly InputHeads[];

  constructor(use: VerbUse, spec: InferSpec, inputs: readonly InputTensor[]) {
    const { model, version, outputs = [], stream } = spec;
    this.#fixed = Buffer.concat([
      textField(1, model),
      ...(version === undefined ? [] : [textField(2, String(version))]),
      ...outputs.map(outputField),
    ]);
    const parameters = { ...requestParameters(spec), ...(stream && EMPTY_FINAL) };
    this.#parameters = parameterWriter(use, parameters);
    this.#inputs = inputs.map((input) => new InputHeads(input));
    this.isConstant =
      !holdsTemplate(parameters) && inputs.every(({ constant }) => constant !== undefined);
  }

  /** With the head that gRPC puts before a message. */
  bind(scope: Scope): Buffer {
    const parameters = this.#parameters(scope);
    const tensors = this.#inputs.map((input) => input.bind(scope));
    let length = this.#fixed.length + parameters.length;
    for (const { head, rawHead, tensor } of tensors) {
      length += head.length + rawHead.length + tensor.byteLength;
    }
    const bytes = Buffer.allocUnsafe(MESSAGE_HEAD_BYTES + length);
    writeMessageHead(bytes, length);
    let at = MESSAGE_HEAD_BYTES;
    at += this.#fixed.copy(bytes, at);
    at += parameters.copy(bytes, at);
    for (const { head } of tensors) at += head.copy(bytes, at);
    for (const { rawHead, tensor } of tensors) {
      at += rawHead.copy(bytes, at);
      tensor.write(bytes, at);
      at += tensor.byteLength;
    }
    return bytes;
  }
}

interface BoundInput {
  readonly tensor: Tensor;
  /** Its entry in `inputs`, and what stands before its content. */
  readonly head: Buffer;
  readonly rawHead: Buffer;
}

/** An input with the parts of its message that change with its shape and size alone. */
class InputHeads {
  readonly #input: InputTensor;
  #shape: readonly number[] = [];
  #head: Buffer | undefined;
  #byteLength = -1;
  #rawHead: Buffer = Buffer.alloc(0);

  constructor(input: InputTensor) {
    this.#input = input;
  }

  bind(scope: Scope): BoundInput {
    const tensor = this.#input.bind(scope);
    const { name, datatype, shape, byteLength } = tensor;
    if (this.#head === undefined || !isSame(shape, this.#shape)) {
      this.#head = inputField(name, datatype, shape);
      this.#shape = shape;
    }
    if (byteLength !== this.#byteLength) {
      this.#rawHead = rawContentHead(byteLength);
      this.#byteLength = byteLength;
    }
    return { tensor, head: this.#head, rawHead: this.#rawHead };
  }
}

function isSame(shape: readonly number[], other: readonly number[]): boolean {
  return shape.length === other.length && shape.every((size, index) => size === other[index]);
}

function parameterWriter(
  use: VerbUse,
  parameters: Readonly<Record<string, unknown>>,
): (scope: Scope) => Buffer {
  const readers = Object.entries(parameters).map(
    ([name, value]) => [name, valueReader(use, value)] as const,
  );
  const write = (scope: Scope): Buffer =>
    Buffer.concat(
      readers.map(([name, read]) => parameterField(PARAMETERS_FIELD, name, read(scope))),
    );
  if (holdsTemplate(parameters)) return write;
  const constant = write({});
  return () => constant;
}

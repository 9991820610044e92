import type { Scope, Template } from '../../../base/expressions/template.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import { httpHead, type HttpHead } from '../../vocabulary/http/http-head.ts';
import type { HttpOperation, HttpRequest, HttpTarget } from '../../vocabulary/http/http-request.ts';
import { compileInputs, type InputTensor } from '../input-tensors.ts';
import type { InferSpec } from '../kserve-config.ts';
import { requestParameters, wishOf, type AnswerWish } from '../kserve-operation.ts';
import type { Tensor } from '../tensor.ts';

/** What all requests of one step have in common, and what they want of their answers. */
export interface KserveHttpOperation extends HttpOperation {
  readonly wish: AnswerWish;
}

/** How a tensor stands in the JSON of a request, and whether its bytes follow behind it. */
interface TensorForm {
  text(tensor: Tensor): string;
  readonly isBinary: boolean;
}

const BINARY: TensorForm = {
  text: (tensor) => tensorText(tensor, `"parameters":{"binary_data_size":${tensor.byteLength}}`),
  isBinary: true,
};
const JSON_DATA: TensorForm = {
  text: (tensor) => tensorText(tensor, `"data":${tensor.json()}`),
  isBinary: false,
};

/** Compiles the verb `infer` for requests over HTTP. */
export function prepareInfer(use: VerbUse, target: HttpTarget): PreparedOperation {
  const spec = use.spec as InferSpec;
  const operation = operationOf(use, spec);
  const inputs = compileInputs(use, spec.inputs);
  if (spec.stream) return streamRequest(use, { spec, target, operation, inputs });
  const form = spec.binary ? BINARY : JSON_DATA;
  const parameters = use.json({
    ...requestParameters(spec),
    ...(spec.binary && spec.outputs === undefined && { binary_data_output: true }),
  });
  const outputs = outputsText(spec);
  const contentType = spec.binary ? 'application/octet-stream' : 'application/json';
  const head = headOf(use, { spec, target, endpoint: 'infer', contentType });
  const body = new InferBody({ inputs, parameters, outputs, form });
  if (head.constant !== undefined && body.isConstant) {
    const request = requestOf(operation, head.constant, body.bind({}));
    return { bind: () => request };
  }
  return { bind: (scope) => requestOf(operation, head.render(scope), body.bind(scope)) };
}

/** A body, ready to be written: its JSON, and the tensors behind it. */
interface BoundBody {
  readonly json: string;
  readonly isBinary: boolean;
  readonly tensors: readonly Tensor[];
}

interface InferBodyParts {
  readonly inputs: readonly InputTensor[];
  readonly parameters: Template;
  /** With the comma before it; empty where all outputs are wanted. */
  readonly outputs: string;
  readonly form: TensorForm;
}

class InferBody {
  readonly isConstant: boolean;
  readonly #parts: InferBodyParts;
  /** The JSON of the inputs that never change. */
  readonly #constants: readonly (string | undefined)[];

  constructor(parts: InferBodyParts) {
    const { inputs, parameters, form } = parts;
    this.#parts = parts;
    this.#constants = inputs.map(({ constant }) => constant && form.text(constant));
    this.isConstant =
      parameters.constant !== undefined && this.#constants.every((text) => text !== undefined);
  }

  bind(scope: Scope): BoundBody {
    const { inputs, parameters, outputs, form } = this.#parts;
    const tensors: Tensor[] = [];
    let json = `{"parameters":${parameters.render(scope)},"inputs":[`;
    for (let index = 0; index < inputs.length; index++) {
      const tensor = inputs[index]!.bind(scope);
      if (index > 0) json += ',';
      json += this.#constants[index] ?? form.text(tensor);
      if (form.isBinary) tensors.push(tensor);
    }
    return { json: `${json}]${outputs}}`, isBinary: form.isBinary, tensors };
  }
}

function requestOf(operation: KserveHttpOperation, head: string, body: BoundBody): HttpRequest {
  const { json, isBinary, tensors } = body;
  const jsonBytes = Buffer.byteLength(json);
  const bodyBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, jsonBytes);
  const jsonLength = isBinary ? `Inference-Header-Content-Length: ${jsonBytes}\r\n` : '';
  const headText = `${head}${jsonLength}Content-Length: ${bodyBytes}\r\n\r\n`;
  const byteLength = headText.length + bodyBytes;
  const payload = Buffer.allocUnsafe(byteLength);
  payload.write(headText, 0, 'latin1');
  payload.write(json, headText.length, 'utf8');
  let at = headText.length + jsonBytes;
  for (const tensor of tensors) {
    tensor.write(payload, at);
    at += tensor.byteLength;
  }
  return { operation, payload, byteLength };
}

interface RequestParts {
  readonly spec: InferSpec;
  readonly target: HttpTarget;
  readonly operation: KserveHttpOperation;
  readonly inputs: readonly InputTensor[];
}

/**
 * `generate_stream` takes a plain JSON object: inputs by name beside the parameters, a tensor of
 * one element as that element. Its answer is a stream of events, each an object like that.
 */
function streamRequest(
  use: VerbUse,
  { spec, target, operation, inputs }: RequestParts,
): PreparedOperation {
  const contentType = 'application/json';
  const head = headOf(use, { spec, target, endpoint: 'generate_stream', contentType });
  const parameters = use.json(requestParameters(spec));
  return {
    bind(scope) {
      const members = inputs.map((input) => {
        const tensor = input.bind(scope);
        return `${JSON.stringify(tensor.name)}:${plainJson(tensor)}`;
      });
      const text = parameters.render(scope);
      const others = text === '{}' ? [] : [text.slice(1, -1)];
      const json = `{${[...members, ...others].join(',')}}`;
      return requestOf(operation, head.render(scope), { json, isBinary: false, tensors: [] });
    },
  };
}

function plainJson(tensor: Tensor): string {
  const text = tensor.json();
  return tensor.shape.every((size) => size === 1) ? text.slice(1, -1) : text;
}

function operationOf(use: VerbUse, spec: InferSpec): KserveHttpOperation {
  return {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    // The head says where the JSON of an answer ends.
    expectation: { bodiless: false, keepHead: !spec.stream, keepBody: use.fieldsRead.has('error') },
    wish: wishOf(use, spec),
  };
}

interface HeadUse {
  readonly spec: InferSpec;
  readonly target: HttpTarget;
  readonly endpoint: string;
  readonly contentType: string;
}

function headOf(use: VerbUse, { spec, target, endpoint, contentType }: HeadUse): HttpHead {
  const path = `${modelPath(spec)}/${endpoint}`;
  return httpHead(use, { spec: { path }, target, method: 'POST', contentType });
}

/** Where a model is below the url of its server. */
export function modelPath({ model, version }: Pick<InferSpec, 'model' | 'version'>): string {
  return `/v2/models/${model}${version === undefined ? '' : `/versions/${version}`}`;
}

function tensorText({ name, shape, datatype }: Tensor, content: string): string {
  const title = `"name":${JSON.stringify(name)},"shape":[${shape.join(',')}]`;
  return `{${title},"datatype":"${datatype}",${content}}`;
}

function outputsText({ outputs, binary }: InferSpec): string {
  if (outputs === undefined) return '';
  const listed = outputs.map((name) => ({ name, parameters: { binary_data: binary } }));
  return `,"outputs":${JSON.stringify(listed)}`;
}

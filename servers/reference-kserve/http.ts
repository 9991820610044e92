import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { faultOf, type Model } from './models.ts';
import { UnknownModel, type Inference } from './inference.ts';
import { breakHttp } from './faults.ts';
import { BadRequest, bytesOfJson, jsonOfBytes, type ServerTensor } from './tensors.ts';

interface JsonTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size?: number };
}

interface JsonOutput {
  readonly name: string;
  readonly parameters?: { readonly binary_data?: boolean };
}

interface JsonRequest {
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly JsonTensor[];
  readonly outputs?: readonly JsonOutput[];
}

const JSON_LENGTH = 'inference-header-content-length';

/** KServe v2 over HTTP/1.1, with Triton's extensions for bytes, streams, statistics and loading. */
export function httpServer(
  inference: Inference,
  {
    allowDie,
    grpcConnectionsAccepted,
  }: { readonly allowDie: boolean; grpcConnectionsAccepted(): number },
): Server {
  let connectionsAccepted = 0;
  const server = createServer((request, response) => {
    if (request.url === '/count') {
      const overGrpc = grpcConnectionsAccepted();
      return json(response, { connectionsAccepted, grpcConnectionsAccepted: overGrpc });
    }
    answer(inference, request, response, allowDie).catch((error: unknown) =>
      refuse(response, error),
    );
  });
  server.on('connection', () => connectionsAccepted++);
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(
  inference: Inference,
  request: IncomingMessage,
  response: ServerResponse,
  allowDie: boolean,
): Promise<void> {
  const body = await bodyOf(request);
  const { pathname } = new URL(request.url!, 'http://localhost');
  if (pathname === '/v2')
    return json(response, { name: 'reference-kserve', version: '1', extensions: [] });
  if (/^\/v2\/health\/(live|ready)$/.test(pathname)) return json(response, undefined);
  if (pathname === '/v2/repository/index') {
    return json(
      response,
      inference.models.map(({ name }) => ({ name, version: '1' })),
    );
  }
  const repository = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/.exec(pathname);
  if (repository !== null) {
    inference.setLoaded(repository[1]!, repository[2] === 'load');
    return json(response, undefined);
  }
  const matched = /^\/v2\/models\/([^/]+)(?:\/versions\/(\d+))?(?:\/(\w+))?$/.exec(pathname);
  if (pathname === '/v2/models/stats') return json(response, statisticsOf(inference.models));
  if (matched === null) throw new UnknownModel(`nothing is at ${pathname}`);
  const [, name, version = '1', endpoint = 'metadata'] = matched;
  if (version !== '1')
    throw new UnknownModel(`Request for unknown model: '${name}' version ${version} is not found`);
  switch (endpoint) {
    case 'metadata':
      return json(response, metadataOf(inference.readyModel(name!)));
    case 'ready':
      inference.readyModel(name!);
      return json(response, undefined);
    case 'config':
      return json(response, configOf(inference.readyModel(name!)));
    case 'stats':
      return json(response, statisticsOf([inference.readyModel(name!)]));
    case 'infer':
      return infer(inference, name!, { request, body, response, allowDie });
    case 'generate_stream':
      return generate(inference, name!, body, response);
    default:
      throw new UnknownModel(`nothing is at ${pathname}`);
  }
}

export function metadataOf({ name, inputs, outputs }: Model): object {
  const plain = inputs.map(({ name: input, datatype, shape }) => ({
    name: input,
    datatype,
    shape,
  }));
  return { name, versions: ['1'], platform: 'reference', inputs: plain, outputs };
}

export function configOf({ name, inputs, decoupled }: Model): object {
  const input = inputs.map((one) => ({ name: one.name, optional: one.optional === true }));
  return { name, input, model_transaction_policy: { decoupled } };
}

function statisticsOf(models: readonly Model[]): object {
  return { model_stats: models.map(({ name, statistics }) => statistics.toJSON(name)) };
}

interface InferExchange {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly allowDie: boolean;
}

async function infer(
  inference: Inference,
  name: string,
  { request, body, response, allowDie }: InferExchange,
): Promise<void> {
  if (inference.model(name).decoupled) {
    throw new BadRequest("HTTP end point doesn't support models with decoupled transaction policy");
  }
  const length = Number(request.headers[JSON_LENGTH] ?? body.length);
  const asked = parsed(body.subarray(0, length)) as JsonRequest;
  const inputs = inputsOf(asked.inputs ?? [], body.subarray(length));
  const { parameters = {}, outputs = [] } = asked;
  const fault = name === 'faulty' ? faultOf(inputs) : undefined;
  if (fault !== undefined && breakHttp(fault, response, allowDie)) return;
  const wanted = outputs.map((output) => output.name);
  for await (const tensors of inference.infer(name, { inputs, parameters }, wanted)) {
    const isBinary = (tensor: ServerTensor): boolean =>
      outputs.find((output) => output.name === tensor.name)?.parameters?.binary_data ??
      parameters['binary_data_output'] === true;
    sendTensors(response, { name, id: asked.id, tensors, isBinary });
  }
}

/** Tensors as bytes stand behind the JSON, in its order. */
function inputsOf(list: readonly JsonTensor[], binary: Buffer): ServerTensor[] {
  let rest = binary;
  const tensors = list.map(({ name, datatype, shape, data, parameters }) => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return { name, datatype, shape, bytes: bytesOfJson(datatype, data) };
    if (size > rest.length) throw new BadRequest(`input '${name}' lacks bytes`);
    const bytes = rest.subarray(0, size);
    rest = rest.subarray(size);
    return { name, datatype, shape, bytes };
  });
  if (rest.length > 0) throw new BadRequest(`${rest.length} bytes belong to no input`);
  return tensors;
}

export interface TensorAnswer {
  readonly name: string;
  readonly id?: string | undefined;
  readonly tensors: readonly ServerTensor[];
  isBinary(tensor: ServerTensor): boolean;
}

function sendTensors(
  response: ServerResponse,
  { name, id, tensors, isBinary }: TensorAnswer,
): void {
  const outputs = tensors.map(({ bytes, ...tensor }) =>
    isBinary({ ...tensor, bytes })
      ? { ...tensor, parameters: { binary_data_size: bytes.length } }
      : { ...tensor, data: jsonOfBytes(tensor.datatype, bytes) },
  );
  const head = Buffer.from(JSON.stringify({ model_name: name, model_version: '1', id, outputs }));
  const binary = tensors.filter(isBinary).map(({ bytes }) => bytes);
  if (binary.length > 0) {
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Inference-Header-Content-Length', head.length);
  } else {
    response.setHeader('Content-Type', 'application/json');
  }
  const whole = Buffer.concat([head, ...binary]);
  response.setHeader('Content-Length', whole.length);
  response.end(whole);
}

/** A plain JSON object in, and one as an event for each response. */
async function generate(
  inference: Inference,
  name: string,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const asked = parsed(body) as Readonly<Record<string, unknown>>;
  const { inputs } = inference.readyModel(name);
  const given = inputs
    .filter((one) => asked[one.name] !== undefined)
    .map(({ name: input, datatype }): ServerTensor => {
      const list = [asked[input]].flat();
      return { name: input, datatype, shape: [list.length], bytes: bytesOfJson(datatype, list) };
    });
  const parameters = Object.fromEntries(
    Object.entries(asked).filter(([key]) => !inputs.some((one) => one.name === key)),
  );
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  try {
    for await (const tensors of inference.infer(name, { inputs: given, parameters }, [])) {
      response.write(`data: ${JSON.stringify(eventOf(name, tensors))}\n\n`);
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    response.write(`data: ${JSON.stringify({ error: (error as Error).message })}\n\n`);
  }
  response.end();
}

function eventOf(name: string, tensors: readonly ServerTensor[]): object {
  const values = tensors.map((tensor): [string, unknown] => {
    const list = jsonOfBytes(tensor.datatype, tensor.bytes);
    return [tensor.name, list.length === 1 ? list[0] : list];
  });
  return { ...Object.fromEntries(values), model_name: name, model_version: '1' };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new BadRequest(`failed to parse the request JSON buffer: ${(error as Error).message}`);
  }
}

function json(response: ServerResponse, value: object | undefined): void {
  const text = value === undefined ? '' : JSON.stringify(value);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = statusOf(error);
  json(response, { error: (error as Error).message });
}

function statusOf(error: unknown): number {
  if (error instanceof UnknownModel) return 404;
  return error instanceof BadRequest ? 400 : 500;
}

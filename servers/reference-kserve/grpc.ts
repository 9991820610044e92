import {
  loadPackageDefinition,
  Server,
  status,
  type GrpcObject,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GrpcConnections } from './grpc-connections.ts';
import { breakGrpc, brokenAnswer, CodeAsked } from './grpc-faults.ts';
import { configOf, metadataOf } from './http.ts';
import { UnknownModel, type Inference } from './inference.ts';
import { faultOf } from './models.ts';
import { BadRequest, type ServerTensor } from './tensors.ts';

interface GrpcTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

type GrpcParameters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface GrpcRequest {
  readonly model_name: string;
  readonly id: string;
  readonly parameters: GrpcParameters;
  readonly inputs: readonly GrpcTensor[];
  readonly outputs: readonly { readonly name: string }[];
  readonly raw_input_contents: readonly Buffer[];
}

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly proto: string;
  readonly allowDie: boolean;
}

export interface GrpcServer {
  readonly port: number;
  connectionsAccepted(): number;
  close(): void;
}

/** KServe v2 over gRPC with @grpc/grpc-js. */
export async function startGrpcServer(
  inference: Inference,
  { host, port, proto, allowDie }: GrpcServerOptions,
): Promise<GrpcServer> {
  const loaded = loadSync(proto, { keepCase: true, longs: Number, defaults: true, oneofs: true });
  const { inference: names } = loadPackageDefinition(loaded) as { inference: GrpcObject };
  const { service } = names!['GRPCInferenceService'] as ServiceClientConstructor;
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const connections = new GrpcConnections();
  server.addService(withBytesAsTheyAre(service, 'ModelInfer'), {
    ServerLive: unary(() => ({ live: true })),
    ServerReady: unary(() => ({ ready: true })),
    ServerMetadata: unary(() => ({ name: 'reference-kserve', version: '1', extensions: [] })),
    ModelReady: unary(({ name }) => ({ ready: isReady(inference, String(name)) })),
    ModelMetadata: unary(({ name }) => metadataOf(inference.readyModel(String(name)))),
    ModelConfig: unary(({ name }) => ({ config: configOf(inference.readyModel(String(name))) })),
    ModelStatistics: unary(({ name }) => statisticsOf(inference, String(name))),
    RepositoryIndex: unary(() => ({ models: inference.models.map(({ name }) => ({ name })) })),
    RepositoryModelLoad: unary(({ model_name }) => setLoaded(inference, String(model_name), true)),
    RepositoryModelUnload: unary(({ model_name }) =>
      setLoaded(inference, String(model_name), false),
    ),
    ModelInfer(call: ServerUnaryCall<GrpcRequest, object>, callback: sendUnaryData<object>) {
      const isBroken = (fault: string): boolean =>
        breakGrpc(fault, call, { connections, allowDie });
      infer(inference, call.request, isBroken).then(
        (answer) => answer !== undefined && callback(null, answer),
        (error: unknown) => callback(failure(error), null),
      );
    },
    ModelStreamInfer(call: ServerDuplexStream<GrpcRequest, object>) {
      const open = new Set<Promise<void>>();
      call.on('data', (request: GrpcRequest) => {
        const one = stream(inference, request, call).finally(() => open.delete(one));
        open.add(one);
      });
      call.on('end', () => void Promise.all(open).then(() => call.end()));
    },
  });
  return {
    port: await connections.listen(server, host, port),
    connectionsAccepted: () => connections.accepted,
    close() {
      connections.close();
      server.forceShutdown();
    },
  };
}

/** The service, whose answers by `method` may be bytes already, which need not be a message. */
function withBytesAsTheyAre(
  service: ServiceClientConstructor['service'],
  method: string,
): ServiceClientConstructor['service'] {
  const definition = service[method]!;
  const responseSerialize = (answer: object): Buffer =>
    Buffer.isBuffer(answer) ? answer : definition.responseSerialize(answer);
  return { ...service, [method]: { ...definition, responseSerialize } };
}

function unary(answer: (request: Readonly<Record<string, unknown>>) => object) {
  return (
    call: ServerUnaryCall<Readonly<Record<string, unknown>>, object>,
    callback: sendUnaryData<object>,
  ): void => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      callback(failure(error), null);
    }
  };
}

function isReady(inference: Inference, name: string): boolean {
  try {
    return inference.readyModel(name).isLoaded;
  } catch {
    return false;
  }
}

function setLoaded(inference: Inference, name: string, isLoaded: boolean): object {
  inference.setLoaded(name, isLoaded);
  return {};
}

function statisticsOf(inference: Inference, name: string): object {
  const models = name === '' ? inference.models : [inference.readyModel(name)];
  return { model_stats: models.map((model) => model.statistics.toJSON(model.name)) };
}

/** Undefined: the client is left without an answer. */
async function infer(
  inference: Inference,
  request: GrpcRequest,
  isBroken: (fault: string) => boolean,
): Promise<object | undefined> {
  const { model_name: name } = request;
  if (inference.model(name).decoupled) {
    throw new Unimplemented(
      "ModelInfer RPC doesn't support models with decoupled transaction policy",
    );
  }
  const inputs = inputsOf(request);
  const fault = (name === 'faulty' ? faultOf(inputs) : undefined) ?? '';
  if (isBroken(fault)) return undefined;
  let answer: Answer | undefined;
  const responses = inference.infer(name, { inputs, parameters: plain(request) }, wanted(request));
  // To the end: what is left half way is not counted as served.
  for await (const tensors of responses) answer = answerOf(request, tensors);
  return answer && brokenAnswer(fault, answer);
}

/** Each request of a stream has its own responses; the last one says that it is. */
async function stream(
  inference: Inference,
  request: GrpcRequest,
  call: ServerDuplexStream<GrpcRequest, object>,
): Promise<void> {
  const { model_name: name } = request;
  const parameters = plain(request);
  try {
    const inputs = inputsOf(request);
    const { decoupled } = inference.model(name);
    for await (const tensors of inference.infer(name, { inputs, parameters }, wanted(request))) {
      // Of a decoupled model nobody knows that a response is the last one when it is sent.
      call.write({ infer_response: marked(answerOf(request, tensors), !decoupled) });
    }
    if (decoupled && parameters['triton_enable_empty_final_response'] === true) {
      call.write({ infer_response: marked(answerOf(request, []), true) });
    }
  } catch (error) {
    call.write({ error_message: (error as Error).message, infer_response: answerOf(request, []) });
  }
}

interface Answer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: GrpcParameters;
  readonly outputs: readonly GrpcTensor[];
  readonly raw_output_contents: readonly Buffer[];
}

function answerOf({ model_name, id }: GrpcRequest, tensors: readonly ServerTensor[]): Answer {
  return {
    model_name,
    model_version: '1',
    id,
    parameters: {},
    outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: tensors.map(({ bytes }) => bytes),
  };
}

function marked(answer: Answer, isFinal: boolean): Answer {
  return { ...answer, parameters: { triton_final_response: { bool_param: isFinal } } };
}

function inputsOf({ inputs, raw_input_contents }: GrpcRequest): ServerTensor[] {
  if (inputs.length !== raw_input_contents.length) {
    throw new BadRequest(`${inputs.length} inputs and ${raw_input_contents.length} raw contents`);
  }
  return inputs.map(({ name, datatype, shape }, index) => {
    return { name, datatype, shape, bytes: raw_input_contents[index]! };
  });
}

function wanted({ outputs }: GrpcRequest): readonly string[] {
  return outputs.map(({ name }) => name);
}

function plain({ parameters }: GrpcRequest): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, choice]) => [
      name,
      choice[String(choice['parameter_choice'])],
    ]),
  );
}

class Unimplemented extends Error {}

function failure(error: unknown): { readonly code: number; readonly details: string } {
  const details = (error as Error).message;
  if (error instanceof CodeAsked) return { code: error.code, details };
  if (error instanceof UnknownModel) return { code: status.NOT_FOUND, details };
  if (error instanceof BadRequest) return { code: status.INVALID_ARGUMENT, details };
  if (error instanceof Unimplemented) return { code: status.UNIMPLEMENTED, details };
  return { code: status.INTERNAL, details };
}

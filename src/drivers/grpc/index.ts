import type { DriverDefinition } from '../driver.ts';
import { GRPC_COUNTERS, GRPC_PHASES, GRPC_SAMPLED } from '../vocabulary/grpc/grpc-phases.ts';
import { checkGrpcTarget, grpcTargetFiles } from './grpc-checks.ts';
import { grpcCallSchema, grpcTargetOptions, type GrpcCallSpec } from './grpc-config.ts';

/** Any gRPC service, over HTTP/2 of our own or @grpc/grpc-js. */
export const driver: DriverDefinition = {
  name: 'grpc',
  summary: 'gRPC calls of any service, unary and streams, over raw sockets',
  schemes: ['grpc', 'grpcs', 'unix'],
  targetOptions: grpcTargetOptions,
  checkTarget: checkGrpcTarget,
  targetFiles: grpcTargetFiles,
  verbs: {
    call: {
      summary: 'Calls one method and waits for its status.',
      schema: grpcCallSchema,
      resultFields: {
        code: 'The status code by its name, such as OK or NOT_FOUND.',
        message: 'The answer, or the first message of a stream, by the names of the proto file.',
        messages: 'All messages of the answer.',
        statusMessage: 'What the server said beside the code; empty where it said nothing.',
        metadata: 'Metadata that came before the answer, by name.',
        trailers: 'Metadata that came after the answer, by name.',
      },
      statusFields: ['code'],
      marked(spec, mark) {
        const { metadata, ...call } = spec as GrpcCallSpec;
        return { ...call, metadata: { ...metadata, 'x-operation': mark } };
      },
    },
  },
  phases: GRPC_PHASES,
  counters: GRPC_COUNTERS,
  sampled: GRPC_SAMPLED,
  capabilities: { multiplexes: true, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async commands() {
    const { list } = await import('./commands/list.ts');
    const { describe } = await import('./commands/describe.ts');
    return { list, describe };
  },
  async load(options) {
    const { loadSchema } = await import('./schema/load-schema.ts');
    if (options?.['client'] === 'sdk') {
      const { SdkDriver } = await import('./sdk/sdk-driver.ts');
      return { create: async (context) => new SdkDriver(context, await loadSchema(context)) };
    }
    const { GrpcDriver } = await import('./grpc-driver.ts');
    return { create: async (context) => new GrpcDriver(context, await loadSchema(context)) };
  },
};

import type { DriverDefinition } from '../driver.ts';
import { GRPC_COUNTERS, GRPC_PHASES, GRPC_SAMPLED } from '../vocabulary/grpc/grpc-phases.ts';
import { tellSearches } from '../vocabulary/vectors/tell-searches.ts';
import { READY_PHASES } from '../vocabulary/vectors/vector-metrics.ts';
import { vectorVerbs } from '../vocabulary/vectors/vector-verbs.ts';
import { MILVUS_ABILITIES, milvusTargetOptions } from './milvus-config.ts';

/** Milvus, over gRPC. */
export const driver: DriverDefinition = {
  name: 'milvus',
  summary: 'The vector database Milvus, over gRPC',
  schemes: ['grpc', 'grpcs', 'http', 'https'],
  targetOptions: milvusTargetOptions,
  verbs: vectorVerbs(MILVUS_ABILITIES, [...GRPC_PHASES, ...GRPC_COUNTERS, ...GRPC_SAMPLED]),
  settle: tellSearches,
  phases: [...GRPC_PHASES, ...READY_PHASES],
  counters: GRPC_COUNTERS,
  sampled: GRPC_SAMPLED,
  capabilities: { multiplexes: true, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async load() {
    const { milvusDriver } = await import('./milvus-driver.ts');
    return { create: milvusDriver };
  },
};

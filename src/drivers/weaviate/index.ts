import type { DriverDefinition } from '../driver.ts';
import { GRPC_COUNTERS, GRPC_PHASES, GRPC_SAMPLED } from '../vocabulary/grpc/grpc-phases.ts';
import { settleSearches } from '../vocabulary/vectors/settle-searches.ts';
import { READY_PHASES } from '../vocabulary/vectors/vector-metrics.ts';
import { vectorVerbs } from '../vocabulary/vectors/vector-verbs.ts';
import { WEAVIATE_ABILITIES, weaviateTargetOptions } from './weaviate-config.ts';

/** Weaviate, over gRPC and its REST API. */
export const driver: DriverDefinition = {
  name: 'weaviate',
  summary: 'The vector database Weaviate, over gRPC; set up over REST',
  schemes: ['http', 'https'],
  targetOptions: weaviateTargetOptions,
  verbs: vectorVerbs(WEAVIATE_ABILITIES, [...GRPC_PHASES, ...GRPC_COUNTERS, ...GRPC_SAMPLED]),
  settle: settleSearches(WEAVIATE_ABILITIES),
  phases: [...GRPC_PHASES, ...READY_PHASES],
  counters: GRPC_COUNTERS,
  sampled: GRPC_SAMPLED,
  capabilities: { multiplexes: true, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async load() {
    const { weaviateDriver } = await import('./weaviate-driver.ts');
    return { create: weaviateDriver };
  },
};

import type { DriverDefinition } from '../driver.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { settleSearches } from '../vocabulary/vectors/settle-searches.ts';
import { READY_PHASES } from '../vocabulary/vectors/vector-metrics.ts';
import { vectorVerbs } from '../vocabulary/vectors/vector-verbs.ts';
import { CHROMA_ABILITIES, chromaTargetOptions } from './chroma-config.ts';

/** Chroma, over HTTP/1.1. */
export const driver: DriverDefinition = {
  name: 'chroma',
  summary: 'The vector database Chroma, over its HTTP API',
  schemes: ['http', 'https'],
  targetOptions: chromaTargetOptions,
  verbs: vectorVerbs(CHROMA_ABILITIES, HTTP_PHASES),
  settle: settleSearches(CHROMA_ABILITIES),
  phases: [...HTTP_PHASES, ...READY_PHASES],
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async load() {
    const { chromaDriver } = await import('./chroma-driver.ts');
    return { create: chromaDriver };
  },
};

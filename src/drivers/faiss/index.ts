import type { DriverDefinition } from '../driver.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { READY_PHASES } from '../vocabulary/vectors/vector-metrics.ts';
import { vectorVerbs } from '../vocabulary/vectors/vector-verbs.ts';
import { FAISS_ABILITIES, faissTargetOptions } from './faiss-config.ts';

/** FAISS behind servers/faiss, with binary bodies over HTTP/1.1. */
export const driver: DriverDefinition = {
  name: 'faiss',
  summary: 'Indexes of FAISS, behind the small server that comes with loadgen',
  schemes: ['http'],
  targetOptions: faissTargetOptions,
  verbs: vectorVerbs(FAISS_ABILITIES, HTTP_PHASES),
  phases: [...HTTP_PHASES, ...READY_PHASES],
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  async load() {
    const { faissDriver } = await import('./faiss-driver.ts');
    return { create: faissDriver };
  },
};

import type { DriverDefinition } from '../driver.ts';
import { POSTGRES_COUNTERS } from '../vocabulary/postgres/postgres-counters.ts';
import { POSTGRES_PHASES } from '../vocabulary/postgres/postgres-phases.ts';
import { tellSearches } from '../vocabulary/vectors/tell-searches.ts';
import { READY_PHASES } from '../vocabulary/vectors/vector-metrics.ts';
import { vectorVerbs } from '../vocabulary/vectors/vector-verbs.ts';
import { PGVECTOR_ABILITIES, pgvectorTargetOptions } from './pgvector-config.ts';

/** PostgreSQL with pgvector, over PostgreSQL's own protocol. */
export const driver: DriverDefinition = {
  name: 'pgvector',
  summary: 'PostgreSQL with pgvector, over raw sockets',
  schemes: ['postgres', 'postgresql'],
  targetOptions: pgvectorTargetOptions,
  verbs: vectorVerbs(PGVECTOR_ABILITIES, [...POSTGRES_PHASES, ...POSTGRES_COUNTERS]),
  settle: tellSearches,
  phases: [...POSTGRES_PHASES, ...READY_PHASES],
  counters: POSTGRES_COUNTERS,
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async load() {
    const { pgvectorDriver } = await import('./pgvector-driver.ts');
    return { create: pgvectorDriver };
  },
};

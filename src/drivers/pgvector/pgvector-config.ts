import { z } from 'zod';
import type { VectorAbilities } from '../vocabulary/vectors/vector-schemas.ts';
import { tlsOptions } from '../wire/tls/tls-options.ts';

const settingName = z.string().regex(/^[a-z][a-z0-9_.]*$/, 'the name of a setting');

/** Keys of a pgvector target beside those that every target has. */
export const pgvectorTargetOptions = z.strictObject({
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: search, ingest, update and delete over sockets of our own; sdk: all of it through pg, one client a VU, measured around its calls.',
  }),
  settings: z
    .record(settingName, z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({
      description: 'Settings of each session, such as `hnsw.iterative_scan: strict_order`.',
    }),
  tls: tlsOptions.optional().meta({
    description:
      'Secures the connections; without it `?sslmode=require` or `verify-full` in the url does.',
  }),
});

export type PgvectorTargetOptions = z.output<typeof pgvectorTargetOptions>;

export const PGVECTOR_ABILITIES: VectorAbilities = {
  indexKinds: ['hnsw', 'ivf-flat', 'flat'],
  metrics: ['l2', 'cosine', 'ip'],
  searchKeys: ['ef', 'nprobe'],
};

import { z } from 'zod';
import { headersSchema } from '../vocabulary/http/http-headers-schema.ts';
import type { VectorAbilities } from '../vocabulary/vectors/vector-schemas.ts';

/** Keys of a chroma target beside those that every target has. */
export const chromaTargetOptions = z.strictObject({
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: search, ingest, update and delete over sockets of our own; sdk: all of it through chromadb, measured around its calls.',
  }),
  headers: headersSchema.optional().meta({
    description: 'Sent with every request, such as `Authorization: "Bearer ${TOKEN}"`.',
  }),
  tenant: z.string().min(1).default('default_tenant').meta({ description: 'Chroma’s tenant.' }),
  database: z
    .string()
    .min(1)
    .default('default_database')
    .meta({ description: 'Chroma’s database.' }),
});

export type ChromaTargetOptions = z.output<typeof chromaTargetOptions>;

/** Chroma keeps the `ef` that a collection was loaded with: it belongs to `create`. */
export const CHROMA_ABILITIES: VectorAbilities = {
  indexKinds: ['hnsw'],
  metrics: ['l2', 'cosine', 'ip'],
  searchKeys: [],
};

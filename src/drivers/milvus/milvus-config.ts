import { z } from 'zod';
import type { HeaderField } from '../wire/http2/hpack/static-table.ts';
import type {
  IndexKind,
  VectorAbilities,
  VectorMetric,
} from '../vocabulary/vectors/vector-schemas.ts';

/** Keys of a milvus target beside those that every target has. */
export const milvusTargetOptions = z.strictObject({
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: search, ingest, update and delete as gRPC over sockets of our own; sdk: all of it through @zilliz/milvus2-sdk-node, measured around its calls.',
  }),
  token: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Such as "${MILVUS_TOKEN}": user:password or a key.' }),
  database: z.string().min(1).optional().meta({ description: 'Milvus’s database.' }),
  consistency: z.enum(['strong', 'bounded', 'session', 'eventually']).default('bounded').meta({
    description:
      'What searches of a collection that `create` makes have to see; bounded is Milvus’s own.',
  }),
});

export type MilvusTargetOptions = z.output<typeof milvusTargetOptions>;

export const MILVUS_ABILITIES: VectorAbilities = {
  indexKinds: ['hnsw', 'flat', 'ivf-flat', 'ivf-sq8', 'ivf-pq', 'diskann'],
  metrics: ['l2', 'cosine', 'ip'],
  searchKeys: ['ef', 'nprobe'],
};

export const MILVUS_METRICS: Readonly<Record<VectorMetric, string>> = {
  l2: 'L2',
  cosine: 'COSINE',
  ip: 'IP',
};

/** Milvus's names of the indexes that it knows. */
export const MILVUS_INDEXES: Readonly<Partial<Record<IndexKind, string>>> = {
  hnsw: 'HNSW',
  flat: 'FLAT',
  'ivf-flat': 'IVF_FLAT',
  'ivf-sq8': 'IVF_SQ8',
  'ivf-pq': 'IVF_PQ',
  diskann: 'DISKANN',
};

/** What every call says of who asks, and for which database. */
export function metadataOf({ token, database }: Partial<MilvusTargetOptions>): HeaderField[] {
  const authorization = token && Buffer.from(token).toString('base64');
  return [
    ...(authorization === undefined ? [] : [{ name: 'authorization', value: authorization }]),
    ...(database === undefined ? [] : [{ name: 'dbname', value: database }]),
  ];
}

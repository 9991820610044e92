import { z } from 'zod';
import type { HeaderField } from '../wire/http2/hpack/static-table.ts';
import { headersSchema } from '../vocabulary/http/http-headers-schema.ts';
import type { VectorAbilities } from '../vocabulary/vectors/vector-schemas.ts';

/** Where Weaviate listens for gRPC unless told otherwise. */
const DEFAULT_GRPC_PORT = 50_051;

/** Keys of a weaviate target beside those that every target has. */
export const weaviateTargetOptions = z.strictObject({
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: search, ingest and update as gRPC over sockets of our own; sdk: all of it through weaviate-client, measured around its calls.',
  }),
  headers: headersSchema.optional().meta({
    description: 'Sent with every request, such as `Authorization: "Bearer ${TOKEN}"`.',
  }),
  grpcPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({
      description: `The port for gRPC, at the host of the url; by default that of \`?grpcPort=\` in the url, else ${DEFAULT_GRPC_PORT}.`,
    }),
});

export type WeaviateTargetOptions = z.output<typeof weaviateTargetOptions>;

/** Weaviate keeps `ef` with the collection. */
export const WEAVIATE_ABILITIES: VectorAbilities = {
  indexKinds: ['hnsw', 'flat'],
  metrics: ['l2', 'cosine', 'ip'],
  searchKeys: [],
};

/** The port for gRPC of a target. */
export function grpcPortOf(url: string, { grpcPort }: Partial<WeaviateTargetOptions>): number {
  return grpcPort ?? Number(new URL(url).searchParams.get('grpcPort') ?? DEFAULT_GRPC_PORT);
}

/** The same server's address for gRPC. */
export function grpcUrlOf(url: string, options: Partial<WeaviateTargetOptions>): string {
  const { protocol, hostname } = new URL(url);
  const scheme = protocol === 'https:' ? 'grpcs' : 'grpc';
  return `${scheme}://${hostname}:${grpcPortOf(url, options)}`;
}

export function metadataOf({ headers = {} }: Partial<WeaviateTargetOptions>): HeaderField[] {
  return Object.entries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value }));
}

/** Weaviate writes names of collections with a capital first. */
export function className(collection: string): string {
  return collection.charAt(0).toUpperCase() + collection.slice(1);
}

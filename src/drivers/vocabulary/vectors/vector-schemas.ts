import { z } from 'zod';
import { nameSchema } from '../../../base/expressions/name-schema.ts';
import { durationSchema } from '../../../base/time/duration.ts';
import { filterSchema } from './vector-filter.ts';

/** How two vectors are compared; `ip` is the inner product, where more is nearer. */
export const VECTOR_METRICS = ['l2', 'cosine', 'ip'] as const;
export type VectorMetric = (typeof VECTOR_METRICS)[number];

export const INDEX_KINDS = [
  'flat',
  'hnsw',
  'ivf-flat',
  'ivf-sq8',
  'ivf-pq',
  'pq',
  'diskann',
] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];

/** What a `ready` waits for, in the order in which they come true. */
export const READY_STATES = ['inserted', 'searchable', 'indexed'] as const;
export type ReadyState = (typeof READY_STATES)[number];

export const FIELD_TYPES = ['int', 'float', 'text', 'bool'] as const;

/** As many nearest rows as Milvus gives at most; no server gives more by default. */
const NEAREST_LIMIT = 16_384;

const collection = z.string().min(1).meta({ description: 'Name of the collection.' });
const wholeOrTemplate = z.union([
  z.int().min(1),
  z.string().regex(/\{\{/, 'a whole number, or a {{ template }} of one'),
]);
const listTemplate = z.string().regex(/\{\{/, 'a list, or a {{ template }} of one');
const vector = z.union([listTemplate, z.array(z.number()).min(1)]);

const writeKeys = {
  collection,
  ids: z.union([listTemplate, z.array(z.union([z.string(), z.int().min(0)])).min(1)]).meta({
    description: 'The rows’ ids: whole numbers, so that answers compare with a ground truth.',
  }),
  vectors: z.union([listTemplate, z.array(vector).min(1)]).meta({
    description: 'Their vectors, one an id.',
  }),
  fields: z
    .record(
      nameSchema,
      z.union([listTemplate, z.array(z.union([z.string(), z.number(), z.boolean()]))]),
    )
    .optional()
    .meta({ description: 'Further fields by name: a list each, with one value an id.' }),
};

/** `ingest` and `update`. */
export const writeSchema = z.strictObject(writeKeys);

export const deleteSchema = z
  .strictObject({
    collection,
    ids: writeKeys.ids.optional().meta({ description: 'Ids of the rows to delete.' }),
    filter: filterSchema.optional().meta({
      inWords: 'map',
      description: 'Deletes the rows that fit instead.',
    }),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'either ids or filter',
  });

export const dropSchema = z.strictObject({ collection });

export const readySchema = z.strictObject({
  collection,
  states: z
    .array(z.enum(READY_STATES))
    .min(1)
    .default([...READY_STATES])
    .meta({
      description:
        'What to wait for. inserted: the server counts all rows; searchable: and a search finds some; indexed: and no row waits for the index.',
    }),
  rows: wholeOrTemplate.optional().meta({
    description: 'Rows that must be there; without it: as many in two looks one after the other.',
  }),
  every: durationSchema
    .refine((ns) => ns > 0, 'longer than 0')
    .prefault('100ms')
    .meta({ description: 'From one look to the next.' }),
});

/** What a driver's servers know of indexes and searches. */
export interface VectorAbilities {
  /** The first is what `create` makes unless told otherwise. */
  readonly indexKinds: readonly [IndexKind, ...IndexKind[]];
  readonly metrics: readonly VectorMetric[];
  /** Which of them a search can set; elsewhere they belong to the index. */
  readonly searchKeys: readonly IndexSetting[];
}

/** How hard a search looks. */
export const INDEX_SETTINGS = ['ef', 'nprobe'] as const;
export type IndexSetting = (typeof INDEX_SETTINGS)[number];

const IVF_SETTINGS = ['lists', 'nprobe'] as const;
const PQ_SETTINGS = ['subvectors', 'bits'] as const;
/** What a kind of index can be told. */
const SETTINGS_OF_KIND = {
  flat: [],
  hnsw: ['m', 'efConstruction', 'ef'],
  'ivf-flat': IVF_SETTINGS,
  'ivf-sq8': IVF_SETTINGS,
  'ivf-pq': [...IVF_SETTINGS, ...PQ_SETTINGS],
  pq: PQ_SETTINGS,
  diskann: [],
} as const satisfies Record<IndexKind, readonly string[]>;

export function createSchema({ indexKinds, metrics }: VectorAbilities) {
  const count = z.int().min(1);
  const index = z
    .strictObject({
      kind: z.enum(indexKinds).default(indexKinds[0]).meta({ description: 'Kind of index.' }),
      m: count.optional().meta({ description: 'HNSW: neighbours of a node.' }),
      efConstruction: count.optional().meta({ description: 'HNSW: candidates while building.' }),
      ef: count
        .optional()
        .meta({ description: 'HNSW: candidates of a search, where the index keeps it.' }),
      lists: count.optional().meta({ description: 'IVF: number of lists.' }),
      nprobe: count
        .optional()
        .meta({ description: 'IVF: lists a search looks at, where the index keeps it.' }),
      subvectors: count.optional().meta({ description: 'PQ: parts that a vector is cut into.' }),
      bits: z.int().min(1).max(16).optional().meta({ description: 'PQ: bits of a code.' }),
      body: z.record(z.string(), z.unknown()).optional().meta({
        inWords: 'map',
        description: 'More of it under the server’s own names, passed on unread.',
      }),
    })
    .superRefine(({ kind, body: _unread, ...settings }, context) => {
      const known: readonly string[] = SETTINGS_OF_KIND[kind];
      const has = known.length === 0 ? 'none' : known.join(', ');
      for (const name of Object.keys(settings).filter((key) => !known.includes(key))) {
        const message = `not a setting of kind ${kind}, which has ${has}`;
        context.addIssue({ code: 'custom', path: [name], message });
      }
    })
    .prefault({});
  return z.strictObject({
    collection,
    dimension: z.int().min(1).max(65_536).meta({ description: 'Numbers in a vector.' }),
    metric: z
      .enum(metrics as readonly [VectorMetric, ...VectorMetric[]])
      .default('l2')
      .meta({
        description: 'How vectors are compared; ip is the inner product.',
      }),
    index: index.meta({ inWords: 'map', description: 'Kind and parameters of the index.' }),
    fields: z.record(nameSchema, z.enum(FIELD_TYPES)).default({}).meta({
      description: 'Fields of a row beside id and vector, with their types.',
    }),
  });
}

export function searchSchema({ searchKeys }: VectorAbilities) {
  const words = { ef: 'HNSW: candidates to look at.', nprobe: 'IVF: lists to look at.' };
  const setting = (key: IndexSetting) =>
    (searchKeys.includes(key) ? wholeOrTemplate : keptWithIndex(key))
      .optional()
      .meta({ description: words[key] });
  return z.strictObject({
    collection,
    vector: vector.meta({ description: 'What to search for.' }),
    k: z
      .union([z.int().min(1).max(NEAREST_LIMIT), wholeOrTemplate])
      .default(10)
      .meta({
        description: 'How many nearest rows to ask for.',
      }),
    ef: setting('ef'),
    nprobe: setting('nprobe'),
    filter: filterSchema.optional().meta({
      inWords: 'map',
      description:
        'Only rows that fit: `{ n: { gte: 9000 }, kind: red }`, with eq, ne, gt, gte, lt, lte and in.',
    }),
    return: z.array(nameSchema).default([]).meta({
      description: 'Fields to return with each hit, beside id and distance.',
    }),
  });
}

/** The same for all searches of a trial, so that the collection can be made with it. */
function keptWithIndex(key: IndexSetting) {
  const error = `this server keeps ${key} with the index: a whole number, the same for a whole trial`;
  return z.int({ error }).min(1);
}

export type WriteSpec = z.output<typeof writeSchema>;
export type DeleteSpec = z.output<typeof deleteSchema>;
export type DropSpec = z.output<typeof dropSchema>;
export type ReadySpec = z.output<typeof readySchema>;
export type CreateSpec = z.output<ReturnType<typeof createSchema>>;
export type SearchSpec = z.output<ReturnType<typeof searchSchema>>;

import { z } from 'zod';
import { nameSchema } from '../../base/expressions/name-schema.ts';
import { MAX_NEIGHBORS } from '../limits.ts';
import { METRICS, type Metric } from '../metric.ts';

/** Where the ground truth of a feeder's rows comes from: plain data. */
export type TruthSpec =
  { readonly kind: 'given'; readonly ids: string; readonly distances?: string } | ExactTruthSpec;

export interface ExactTruthSpec {
  readonly kind: 'exact';
  /** Feeders whose rows are searched. */
  readonly over: readonly string[];
  readonly metric: Metric;
  readonly k: number;
  /** CEL over `row`: which rows count. */
  readonly filter?: string;
  /** Feeders among them whose rows are there when load begins; undefined: all, and no other comes. */
  readonly present?: readonly string[];
}

const DEFAULT_NEIGHBORS = 100;

const givenSchema = z
  .strictObject({
    ids: z.string().min(1).meta({
      description:
        'The ids of the nearest: a data set in the same HDF5 file (`neighbors`), a file in the same VectorDBBench folder (`neighbors_int_1p`), a field of the same rows, or a file (.ivecs, .ibin, .npy, .hdf5, .parquet, any other as big-ann-benchmarks write it).',
    }),
    distances: z.string().min(1).optional().meta({
      description: 'Their distances, in the same way (.fvecs, .fbin, .npy).',
    }),
  })
  .transform(({ ids, distances }) => ({
    kind: 'given' as const,
    ids,
    ...(distances !== undefined && { distances }),
  }));

const exactSchema = z
  .strictObject({
    exactOver: z.union([nameSchema, z.array(nameSchema).min(1)]).meta({
      description: 'The feeder, or the feeders, whose rows (`id`, `vector`) are searched.',
    }),
    metric: z.enum(METRICS).meta({ description: 'How near two vectors are.' }),
    k: z.int().min(1).max(MAX_NEIGHBORS).default(DEFAULT_NEIGHBORS).meta({
      description: 'How many neighbours; those as near as the last one are kept beside them.',
    }),
    filter: z.string().min(1).optional().meta({
      inWords: 'CEL',
      description: 'Which rows count, such as `row.id >= 5000`.',
    }),
    present: z
      .union([nameSchema, z.array(nameSchema)])
      .optional()
      .meta({
        description:
          'Of these feeders, those whose rows are there when load begins. Rows of the others count from the acknowledgement of their write on, and deleted rows until that of their deletion.',
      }),
  })
  .refine(
    ({ exactOver, present = [] }) =>
      namesOf(present).every((name) => namesOf(exactOver).includes(name)),
    { message: 'names feeders that exactOver does not', path: ['present'] },
  )
  .transform(({ exactOver, metric, k, filter, present }) => ({
    kind: 'exact' as const,
    over: namesOf(exactOver),
    metric,
    k,
    ...(filter !== undefined && { filter }),
    ...(present !== undefined && { present: namesOf(present) }),
  }));

function namesOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}

export const truthSchema: z.ZodType<TruthSpec> = z.union([givenSchema, exactSchema]);

import type { ErrorRecord } from '../../base/errors/loadgen-error.ts';
import type { ExactSetting } from './exact-neighbors.ts';
import type { ExactTruthSpec } from './truth-schema.ts';

/**
 * A row of the table of neighbours: how many there are, the tolerance, then room for so many ids
 * and as many distances. An id stands there times the number of feeders that were searched, and the
 * place of its feeder among them is added.
 */
export const HEAD_NUMBERS = 2;

/** What one thread searches: plain data. */
export interface SearchPart {
  readonly feeder: string;
  readonly truth: ExactTruthSpec;
  /** All queries, one behind the other, in shared memory. */
  readonly queries: Float32Array;
  readonly dimension: number;
  /** Rows that are kept for each query. */
  readonly width: number;
  readonly context: Omit<ExactSetting, 'threads' | 'progress'>;
  /** Part `index`, from 0, of so many. */
  readonly index: number;
  readonly of: number;
}

/** What a thread has found: for each query so many rows, in no order. */
export interface Nearest {
  readonly sizes: Uint32Array;
  readonly ids: Float64Array;
  readonly distances: Float64Array;
  /** The squared length of the longest vector. */
  readonly longestSquared: number;
}

export type SearchMessage =
  | { readonly kind: 'rows'; readonly done: number; readonly all: number }
  | { readonly kind: 'found'; readonly nearest: Nearest }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

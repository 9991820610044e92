import type { RowLedger, SearchWindow } from './row-ledger.ts';
import type { ScoreInput } from './scorer.ts';

/** What a score needs beside the answer while rows are being written. */
export interface WrittenInput extends ScoreInput {
  /** Of each neighbour: twice the index of its feeder, and 1 more where its rows were there at the start. */
  readonly sources: readonly number[] | Float64Array;
  readonly window: SearchWindow;
}

/**
 * The reference as it was for one search: the nearest K of the rows that were there, and every row
 * that may have been there and is as near as the last of them. Undefined where the ground truth is
 * not deep enough to hold K rows that were there.
 */
export function presentInput(
  { answer, reference, distances, tolerance = 0, sources, window }: WrittenInput,
  k: number,
  ledger: RowLedger,
): ScoreInput | undefined {
  const ids = reference as ArrayLike<number>;
  const there: number[] = [];
  const possible: number[] = [];
  for (let at = 0; at < ids.length; at++) {
    const source = sources[at]! >> 1;
    const atStart = (sources[at]! & 1) === 1;
    const presence = ledger.presence({ id: ids[at]!, source, atStart }, window);
    if (presence === 'there') there.push(at);
    else if (presence === 'possible') possible.push(at);
  }
  if (there.length < k) return undefined;
  const limit = distances![there[k - 1]!]! + tolerance;
  const near = [...there, ...possible].filter((at) => distances![at]! <= limit);
  const found = answer as ArrayLike<number> & Iterable<number>;
  return {
    answer,
    reference: near.map((at) => ids[at]!),
    distances: near.map((at) => distances![at]!),
    tolerance,
    deleted: [...new Set(found)].filter((id) => ledger.isGone(id, window)).length,
  };
}

import type { RowLedger, SearchWindow } from './row-ledger.ts';
import type { ScoreInput } from './scorer.ts';

/** What a score needs beside the answer while rows are being written. */
export interface WrittenInput extends ScoreInput {
  /** Of each neighbour: twice the index of its feeder, and 1 more where its rows were there at the start. */
  readonly sources: readonly number[] | Float64Array;
  readonly window: SearchWindow;
}

/**
 * The reference as it was for one search: the nearest K of the rows that were there and of those
 * in flight that the answer has, in the truth's order; where there are distances, every other of
 * them too that is as near as the last.
 *
 * So a row in flight is right either way. One that the answer has counts as there: it stands for
 * the row that it pushes out of the nearest K, and the answer scores as with that one in its place.
 * One that the answer has not counts as not there yet: nothing is missing. It is the kindest view
 * of which of them were there: one more that the answer has not could only push out a row that it
 * has, and one less that it has is a hit less, for which at most one other comes back. Every answer
 * that is exact in any view scores 1 in this one.
 *
 * Undefined where the ground truth is not deep enough to hold K rows that were there.
 */
export function presentInput(
  { answer, reference, distances, tolerance = 0, sources, window }: WrittenInput,
  k: number,
  ledger: RowLedger,
): ScoreInput | undefined {
  const ids = reference as ArrayLike<number>;
  const found = new Set(answer as ArrayLike<number> & Iterable<number>);
  // By id, the nearest place first: of a row that is being replaced one vector is there, not two.
  const present = new Map<number, number>();
  const there = new Set<number>();
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    const source = sources[at]! >> 1;
    const atStart = (sources[at]! & 1) === 1;
    const presence = ledger.presence({ id, source, atStart }, window);
    if (presence === 'there') there.add(id);
    const counts = presence === 'there' || (presence === 'possible' && found.has(id));
    if (counts && !present.has(id)) present.set(id, at);
  }
  if (there.size < k) return undefined;
  const near = [...present.values()];
  const limit = distances === undefined ? 0 : distances[near[k - 1]!]! + tolerance;
  const kept = near.filter((at, rank) => rank < k || (distances?.[at] ?? Infinity) <= limit);
  return {
    answer,
    reference: kept.map((at) => ids[at]!),
    ...(distances !== undefined && { distances: kept.map((at) => distances[at]!) }),
    tolerance,
    deleted: [...found].filter((id) => ledger.isGone(id, window)).length,
  };
}

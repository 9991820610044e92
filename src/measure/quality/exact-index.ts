import type { ScoreInput } from './scorer.ts';

/** Ids of an answer that must be off by the same number before that is called the reason. */
const SHIFTED_SHARE = 0.5;

/** The first answer of an index declared exact that was not: plain data. */
export interface InexactAnswer {
  /** Among all scorers of the trial. */
  readonly scorer: number;
  readonly iteration: number;
  readonly value: number;
  /** What the ids look like, in words. */
  readonly reason: string;
}

/** What may be wrong where an index that finds the nearest rows exactly did not find them. */
export function whyInexact({ answer, reference }: ScoreInput, k: number): string {
  const found = [...(answer as ArrayLike<number> & Iterable<number>)];
  const near = [...(reference as ArrayLike<number> & Iterable<number>)];
  const right = new Set(near);
  const hits = found.filter((id) => right.has(id)).length;
  if (found.length === 0) return 'it is empty: there are no rows, or the filter fits none';
  const shift = commonShift(found, near);
  if (shift !== undefined) {
    const sign = shift > 0 ? '+' : '−';
    return `its ids are those of the ground truth ${sign} ${Math.abs(shift)}: they were ingested, or are read back, under other numbers than the data set has`;
  }
  if (hits === 0) {
    return `none of its ids (${shown(found)}) is among the nearest (${shown(near)}): ids are not mapped back to those of the data set, or other rows are there`;
  }
  const wanted = Math.min(k, near.length);
  if (found.length < wanted) {
    return `it has ${found.length} rows where there are ${wanted}: rows are missing, or the search asks for fewer`;
  }
  return `${hits} of its ids are among the nearest and others (${shown(found.filter((id) => !right.has(id)))}) are not: the index compares by another metric than the ground truth, rows are missing or changed, or it is not exact`;
}

/** By how much most ids differ from the one at the same place, where that is one number. */
function commonShift(found: readonly number[], near: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const [at, id] of found.entries()) {
    if (near[at] === undefined) break;
    const shift = id - near[at];
    counts.set(shift, (counts.get(shift) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
  if (most === undefined || most[0] === 0) return undefined;
  return most[1] > SHIFTED_SHARE * found.length && most[1] > 1 ? most[0] : undefined;
}

function shown(ids: readonly number[]): string {
  const some = ids.slice(0, 3).join(', ');
  return ids.length > 3 ? `${some}, …` : some;
}

import {
  countMetric,
  numbersOf,
  ratioMetric,
  type Scorer,
  type ScoreInput,
  type UnscoredReason,
} from './scorer.ts';

/** What `recall` and `recall_ids` compare an answer with: the field `truth` of a row. */
interface Truth {
  readonly ids: unknown;
  readonly distances?: unknown;
  readonly tolerance?: number;
  /** While rows are written: the index of the feeder of each row, among those the truth is over. */
  readonly sources?: readonly number[];
  /** Feeders whose rows are there when load begins, by index. */
  readonly present?: readonly number[];
}

/**
 * The share of the K nearest rows that are among the first K ids of an answer, duplicates removed;
 * of min(K, rows that satisfy the filter), which is how many the truth has. By `recall_ids` the K
 * nearest are those of the truth; by `recall` every row whose distance is at most that of the K-th
 * but for a tolerance is one of them, so that of several rows as near as each other it does not
 * matter which came. While rows are written, the K nearest are those of the rows that were there;
 * one in flight is right with it and without it, as `presentInput` says.
 */
export function recallScorer(kind: 'recall' | 'recall_ids', k: number): Scorer {
  const name = `${kind}@${k}`;
  const short = `short_answers@${k}`;
  const duplicates = `duplicate_ids@${k}`;
  const deleted = `deleted_ids@${k}`;
  return {
    name,
    answerField: 'ids',
    depth: k,
    metrics: [
      ratioMetric(name, 'higher', `The share of the ${k} nearest rows that an answer has.`),
      countMetric(short, `Answers with fewer rows than the ${k} there were.`, 'attempted'),
      countMetric(duplicates, `Ids that stood twice among the first ${k} of an answer.`),
      countMetric(
        deleted,
        `Ids among the first ${k} whose row had been deleted before the search.`,
      ),
    ],
    input: (answer, reference) => recallInput(answer, reference, { kind, k }),
    score({ answer, reference, distances, tolerance, deleted: gone }) {
      const near = asNumbers(reference);
      const wanted = Math.min(k, near.length);
      const first = asNumbers(answer).slice(0, k);
      const distinct = new Set(first);
      const good = goodIds(near, wanted, distances, tolerance);
      let hits = 0;
      for (const id of distinct) if (good.has(id)) hits++;
      return {
        [name]: Math.min(hits, wanted) / wanted,
        [short]: first.length < wanted ? 1 : 0,
        [duplicates]: first.length - distinct.size,
        ...(gone !== undefined && { [deleted]: gone }),
      };
    },
  };
}

function recallInput(
  answer: unknown,
  reference: unknown,
  { kind, k }: { readonly kind: 'recall' | 'recall_ids'; readonly k: number },
): ScoreInput | UnscoredReason {
  const ids = numbersOf(answer);
  if (ids === undefined) return 'no_answer';
  const truth = reference as Truth | null | undefined;
  const near = numbersOf(truth?.ids);
  if (near === undefined || near.length === 0) return 'no_reference';
  const head = { answer: ids.slice(0, k), tolerance: truth!.tolerance };
  // Which of them were there is known when the writes before the answer are.
  const written = truth!.sources !== undefined && { sources: sourcesOf(truth!) };
  if (kind === 'recall_ids') {
    return written
      ? { ...head, reference: near, ...written }
      : { ...head, reference: near.slice(0, k) };
  }
  const distances = numbersOf(truth!.distances);
  if (distances === undefined || distances.length < near.length) return 'no_reference';
  if (written) return { ...head, reference: near, distances, ...written };
  // What is farther than the last that counts needs not be carried over.
  const limit = farthest(distances, Math.min(k, near.length), truth!.tolerance);
  let count = Math.min(k, near.length);
  while (count < near.length && distances[count]! <= limit) count++;
  return { ...head, reference: near.slice(0, count), distances: distances.slice(0, count) };
}

/** As `WrittenInput` has them. */
function sourcesOf({ sources = [], present }: Truth): number[] {
  const atStart = new Set(present);
  return sources.map((source) => 2 * source + (atStart.has(source) ? 1 : 0));
}

function farthest(
  distances: ArrayLike<number>,
  wanted: number,
  tolerance: number | undefined,
): number {
  return distances[wanted - 1]! + (tolerance ?? 0);
}

function goodIds(
  near: ArrayLike<number>,
  wanted: number,
  distances: ArrayLike<number> | undefined,
  tolerance: number | undefined,
): ReadonlySet<number> {
  const limit = distances === undefined ? 0 : farthest(distances, wanted, tolerance);
  const good = new Set<number>();
  for (let at = 0; at < near.length; at++) {
    if (at < wanted || (distances !== undefined && distances[at]! <= limit)) good.add(near[at]!);
  }
  return good;
}

function asNumbers(part: ScoreInput['answer']): Float64Array {
  return part instanceof Float64Array ? part : Float64Array.from(part as readonly number[]);
}

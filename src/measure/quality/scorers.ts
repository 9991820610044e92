import { recallScorer } from './recall.ts';
import type { Scorer } from './scorer.ts';
import { tensorErrorScorer } from './tensor-errors.ts';
import { wordErrorScorer } from './word-errors.ts';

/** Neighbours that a recall may be over. */
const MAX_NEIGHBORS = 10_000;

/** For messages: the names that `scorerOf` knows. */
export const SCORER_NAMES = ['recall@K', 'recall_ids@K', 'wer', 'tolerance'] as const;

/** The scorer of that name; undefined where there is none. */
export function scorerOf(name: string): Scorer | undefined {
  if (name === 'wer') return wordErrorScorer();
  if (name === 'tolerance') return tensorErrorScorer();
  const [, kind, digits] = /^(recall|recall_ids)@([1-9]\d{0,5})$/.exec(name) ?? [];
  const k = Number(digits);
  if (kind === undefined || k > MAX_NEIGHBORS) return undefined;
  return recallScorer(kind as 'recall' | 'recall_ids', k);
}

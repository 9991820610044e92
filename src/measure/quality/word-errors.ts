import { countMetric, ratioMetric, type Scorer } from './scorer.ts';

/**
 * Word error rate: substitutions, deletions and insertions that make the reference out of the
 * answer, least in number, per word of the reference (it may be above 1). The mean over answers is
 * `wer avg`; all errors per all words of the references is `word_errors share`.
 */
export function wordErrorScorer(): Scorer {
  return {
    name: 'wer',
    answerField: 'text',
    metrics: [
      ratioMetric('wer', 'lower', 'Word errors of an answer per word of its reference.'),
      countMetric('word_errors', 'Words that were wrong, missing or too many.', 'reference_words'),
      countMetric('reference_words', 'Words of the references of answers that were scored.'),
    ],
    input(answer, reference) {
      if (typeof answer !== 'string') return 'no_answer';
      if (typeof reference !== 'string' || normalizedWords(reference).length === 0) {
        return 'no_reference';
      }
      return { answer, reference };
    },
    score({ answer, reference }) {
      const words = normalizedWords(reference as string);
      const errors = editDistance(words, normalizedWords(answer as string));
      return { wer: errors / words.length, word_errors: errors, reference_words: words.length };
    },
  };
}

/**
 * Words as they are compared: compatibility forms made one (Unicode NFKC), lower case, everything
 * but letters, marks, digits and apostrophes within a word taken for a blank. Numbers stay as they
 * are written, and languages without blanks between words have one word a run of characters.
 */
export function normalizedWords(text: string): readonly string[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('’', "'");
  return plain.match(/[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*/gu) ?? [];
}

/** Levenshtein's distance of two lists, by the rows of Wagner and Fischer's table. */
export function editDistance(one: readonly string[], other: readonly string[]): number {
  let before = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [row, word] of one.entries()) {
    const now = [row + 1];
    for (const [at, candidate] of other.entries()) {
      const substituted = before[at]! + (word === candidate ? 0 : 1);
      now.push(Math.min(substituted, before[at + 1]! + 1, now[at]! + 1));
    }
    before = now;
  }
  return before.at(-1)!;
}

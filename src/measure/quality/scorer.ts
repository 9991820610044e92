import type { MetricDeclaration } from '../metrics/metric.ts';

/** What of one answer and its reference a scorer needs: two lists of numbers, or two texts. */
export interface ScoreInput {
  readonly answer: ScorePart;
  readonly reference: ScorePart;
  /** What belongs to the reference beside its numbers: distances, and how near is as good. */
  readonly distances?: readonly number[] | Float64Array | undefined;
  readonly tolerance?: number | undefined;
  /** While rows are being written: where each row of the reference is from, as `written-rows.ts` has it. */
  readonly sources?: readonly number[] | Float64Array | undefined;
  /** Rows of the answer that had been deleted before it was asked for. */
  readonly deleted?: number;
}

export type ScorePart = string | readonly number[] | Float64Array;

/** Why an answer could not be scored. */
export const UNSCORED_REASONS = [
  'ring_full',
  'no_answer',
  'no_reference',
  'writes_unknown',
  'truth_too_shallow',
] as const;
export type UnscoredReason = (typeof UNSCORED_REASONS)[number];

/** One way to say how good an answer is. Runs in the scorer's thread but for `input`. */
export interface Scorer {
  /** As the scenario writes it: `recall@10`. */
  readonly name: string;
  /** The field of the answer that it looks at. */
  readonly answerField: string;
  /** Neighbours that a reference must have; where that means something. */
  readonly depth?: number;
  readonly metrics: readonly MetricDeclaration[];
  /** Takes apart what a session and an expression gave: in the traffic thread, so cheaply. */
  input(answer: unknown, reference: unknown): ScoreInput | UnscoredReason;
  /** Histogram values and what counters grow by, by the name of the metric. */
  score(input: ScoreInput): Readonly<Record<string, number>>;
}

/** What is counted of every scorer. */
export const UNSCORED: MetricDeclaration = {
  name: 'unscored',
  kind: 'counter',
  unit: 'count',
  description:
    'Answers that were to be scored and were not: no room, no answer, no reference, rows were written that nobody knows, or fewer of the truth’s rows were there than the score needs.',
  better: 'lower',
  whole: 'attempted',
};

/** What is counted of a scorer with a target. */
export const BELOW_TARGET: MetricDeclaration = {
  name: 'below_target',
  kind: 'counter',
  unit: 'count',
  description: 'Answers with a score worse than its target.',
  better: 'lower',
  whole: 'attempted',
};

export function ratioMetric(
  name: string,
  better: MetricDeclaration['better'],
  description: string,
): MetricDeclaration {
  return { name, kind: 'histogram', unit: 'ratio', description, better };
}

export function countMetric(name: string, description: string, whole?: string): MetricDeclaration {
  return {
    name,
    kind: 'counter',
    unit: 'count',
    description,
    better: 'lower',
    ...(whole !== undefined && { whole }),
  };
}

/** A list of numbers out of an answer or a row; undefined where it is none. */
export function numbersOf(value: unknown): readonly number[] | Float64Array | undefined {
  if (value instanceof Float64Array) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Float64Array.from(value as unknown as ArrayLike<number | bigint>, Number);
  }
  if (!Array.isArray(value)) return undefined;
  const numbers = value.every((one) => typeof one === 'number')
    ? (value as readonly number[])
    : value.map(Number);
  return numbers.every((one) => !Number.isNaN(one)) ? numbers : undefined;
}

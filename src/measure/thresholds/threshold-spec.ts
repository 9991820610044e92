import type { Tags } from '../metrics/metric-source.ts';

/** A threshold as plain data: what `parseThreshold` reads, with the keys of the map form. */
export interface ThresholdSpec extends ThresholdExpression {
  /** Undecided below so many samples; a percentile has a floor of its own beside it. */
  readonly minSamples?: number;
  /** Passes when nothing was recorded. */
  readonly allowNoData: boolean;
  /** Judged below the percentile's floor, and marked. */
  readonly allowThin: boolean;
  /** Judged over every full window of so many whole seconds, instead of over the whole phase. */
  readonly windowSeconds?: number;
  /** Failing while the load runs ends the trial. */
  readonly abortOnFail?: true;
  /** Before this, counted from T0, a failure does not end the trial. */
  readonly delayAbortEvalNs?: number;
}

export interface ThresholdExpression {
  /** As it was written. */
  readonly text: string;
  readonly metric: string;
  /** `*` stands for every value, each judged alone. Swept axes stand here too, by their key. */
  readonly tags: Tags;
  readonly aggregate: Aggregate | undefined;
  readonly operator: Operator;
  /** In ns, bytes, as a ratio (1% is 0.01) or as written; per second where `perSecond`. */
  readonly value: number;
  /** What the value was written as: `number` has no unit. */
  readonly unit: 'ns' | 'bytes' | 'ratio' | 'number';
  readonly perSecond: boolean;
}

/** `med` is the 50th percentile. */
export type Aggregate =
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: (typeof PLAIN_AGGREGATES)[number] };

export const PLAIN_AGGREGATES = ['avg', 'min', 'max', 'count', 'rate', 'share', 'last'] as const;

export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

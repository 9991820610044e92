import { Histogram } from '../metrics/histogram.ts';
import { histogramLayoutOf } from '../metrics/metric.ts';
import type { SeriesRecord } from '../metrics/metric-store.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { PHASES } from '../metrics/outcome.ts';
import { seriesKey } from '../metrics/series-key.ts';
import { AnswerDigests } from './answer-digests.ts';
import { whyInexact, type InexactAnswer } from './exact-index.ts';
import type { ScoreInput, Scorer } from './scorer.ts';
import type { ScoreRecord } from './score-ring.ts';

/** Answers that are named as the worst of a scorer. */
const WORST_KEPT = 10;

/** A scorer of one step's answers: plain data, made into a scorer by its name where it runs. */
export interface ScorePlan {
  readonly scorer: string;
  /** Of the step's series. */
  readonly tags: Tags;
  /** Names of metrics that a scorer before it in the step counts already. */
  readonly taken: readonly string[];
  /** Its answers come from an index that finds the nearest rows exactly: every score is 1. */
  readonly isExact?: boolean;
}

/** The worst answers of one scorer, the worst one first. */
export interface WorstAnswers {
  readonly metric: string;
  readonly tags: Tags;
  readonly answers: readonly { readonly iteration: number; readonly value: number }[];
}

/** Of one scorer: how the queries of the measured phase were answered. */
export interface AnswerDigest {
  readonly metric: string;
  readonly tags: Tags;
  readonly mean: number;
  /** Of a part of the queries, the same part in every trial: as `AnswerDigests` has it. */
  readonly digests: string;
}

/** Scores answers and adds up what came of it, until somebody takes it. */
export class ScoreTally {
  readonly #plans: readonly (ScorePlan & { readonly made: Scorer })[];
  readonly #series = new Map<string, TalliedSeries>();
  readonly #worst = new Map<number, { iteration: number; value: number }[]>();
  readonly #digests = new Map<number, { answers: AnswerDigests; sum: number; count: number }>();
  #inexact: InexactAnswer | undefined;

  constructor(plans: readonly ScorePlan[], scorerOf: (name: string) => Scorer | undefined) {
    this.#plans = plans.map((plan) => ({ ...plan, made: scorerOf(plan.scorer)! }));
  }

  add({ scorer, phase, iteration, input }: ScoreRecord): void {
    const plan = this.#plans[scorer]!;
    const values = plan.made.score(input);
    const tags = { ...plan.tags, phase: PHASES[phase]! };
    for (const declared of plan.made.metrics) {
      const value = values[declared.name];
      if (value === undefined || plan.taken.includes(declared.name)) continue;
      const { name: metric, unit } = declared;
      const isCounter = declared.kind === 'counter';
      const key = seriesKey(metric, tags);
      const kind = isCounter ? 'counter' : 'histogram';
      const known = this.#series.get(key);
      const series: TalliedSeries = known ?? { head: { metric, tags, kind, unit }, value: 0 };
      this.#series.set(key, series);
      if (isCounter) series.value += value;
      else (series.histogram ??= new Histogram(histogramLayoutOf(declared))).record(value);
    }
    const value = values[plan.made.metrics[0]!.name];
    if (value === undefined) return;
    if (plan.isExact && value < 1) {
      this.#inexact ??= {
        scorer,
        iteration,
        value,
        reason: whyInexact(input, plan.made.depth ?? 0),
      };
    }
    if (PHASES[phase] !== 'measure') return;
    this.#noteWorst(scorer, { iteration, value });
    if (plan.made.answerField === 'ids') this.#digest(scorer, input, value);
  }

  /** What was counted since the call before. */
  take(): SeriesRecord[] {
    const records = [...this.#series.values()].map(({ head, value, histogram }) =>
      histogram === undefined ? { ...head, value } : { ...head, histogram: histogram.toRecord() },
    );
    this.#series.clear();
    return records;
  }

  get worst(): readonly WorstAnswers[] {
    return [...this.#worst].map(([scorer, answers]) => {
      const { made, tags } = this.#plans[scorer]!;
      return { metric: made.metrics[0]!.name, tags, answers };
    });
  }

  /** How the queries were answered, where answers are lists of ids. */
  get digests(): readonly AnswerDigest[] {
    return [...this.#digests].map(([scorer, { answers, sum, count }]) => {
      const { made, tags } = this.#plans[scorer]!;
      return { metric: made.name, tags, mean: sum / count, digests: answers.text };
    });
  }

  /** The first answer of an exact index that was not exact, if there was one. */
  get inexact(): InexactAnswer | undefined {
    return this.#inexact;
  }

  #digest(scorer: number, input: ScoreInput, value: number): void {
    const known = this.#digests.get(scorer) ?? { answers: new AnswerDigests(), sum: 0, count: 0 };
    this.#digests.set(scorer, known);
    known.answers.add(input);
    known.sum += value;
    known.count++;
  }

  #noteWorst(scorer: number, answer: { iteration: number; value: number }): void {
    const { better } = this.#plans[scorer]!.made.metrics[0]!;
    const worst = this.#worst.get(scorer) ?? [];
    const sign = better === 'higher' ? 1 : -1;
    const last = worst.at(-1);
    if (worst.length === WORST_KEPT && sign * (answer.value - last!.value) >= 0) return;
    const sorted = [...worst, answer].toSorted((one, other) => sign * (one.value - other.value));
    this.#worst.set(scorer, sorted.slice(0, WORST_KEPT));
  }
}

interface TalliedSeries {
  readonly head: SeriesRecord;
  value: number;
  histogram?: Histogram;
}

import { Histogram } from '../metrics/histogram.ts';
import { histogramLayoutOf, type MetricDeclaration } from '../metrics/metric.ts';
import type { SeriesRecord } from '../metrics/metric-store.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { PHASES } from '../metrics/outcome.ts';
import { seriesKey } from '../metrics/series-key.ts';
import { AnswerDigests } from './answer-digests.ts';
import { whyInexact, type InexactAnswer } from './exact-index.ts';
import { RowLedger } from './row-ledger.ts';
import { BELOW_TARGET, UNSCORED, type ScoreInput, type Scorer } from './scorer.ts';
import { presentInput } from './written-rows.ts';
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
  /** Scores worse than this are counted as `below_target`. */
  readonly target?: number;
  /** The collection that is searched, among those whose rows are watched. */
  readonly subject?: number;
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
  readonly #ledgers = new Map<number, RowLedger>();
  #inexact: InexactAnswer | undefined;

  constructor(plans: readonly ScorePlan[], scorerOf: (name: string) => Scorer | undefined) {
    this.#plans = plans.map((plan) => ({ ...plan, made: scorerOf(plan.scorer)! }));
  }

  /** The rows of a collection, by the writes that were told of. */
  ledger(subject: number): RowLedger {
    const ledger = this.#ledgers.get(subject) ?? new RowLedger();
    this.#ledgers.set(subject, ledger);
    return ledger;
  }

  /** Some write was not told of. */
  loseRows(): void {
    for (const { subject } of this.#plans) if (subject !== undefined) this.ledger(subject).lose();
  }

  /** One whose reference has `sources` comes when all writes that began before its end were told of. */
  add(record: ScoreRecord): void {
    const { scorer, phase } = record;
    const plan = this.#plans[scorer]!;
    const input = this.#presentInput(record, plan);
    if (typeof input !== 'string') {
      this.#score({ ...record, input });
      return;
    }
    const tags = { ...plan.tags, scorer: plan.scorer, reason: input, phase: PHASES[phase]! };
    this.#count(UNSCORED, tags, 1);
  }

  #presentInput({ input, window }: ScoreRecord, plan: ScorePlan & { made: Scorer }) {
    const { sources } = input;
    if (sources === undefined) return input;
    const ledger = plan.subject === undefined ? undefined : this.ledger(plan.subject);
    if (ledger === undefined || ledger.isLost) return 'writes_unknown';
    const present = presentInput({ ...input, sources, window }, plan.made.depth!, ledger);
    return present ?? 'truth_too_shallow';
  }

  #score({ scorer, phase, iteration, input }: ScoreRecord): void {
    const plan = this.#plans[scorer]!;
    const values = plan.made.score(input);
    const tags = { ...plan.tags, phase: PHASES[phase]! };
    for (const declared of plan.made.metrics) {
      const value = values[declared.name];
      if (value === undefined || plan.taken.includes(declared.name)) continue;
      this.#count(declared, tags, value);
    }
    const value = values[plan.made.metrics[0]!.name];
    if (value === undefined) return;
    const { better } = plan.made.metrics[0]!;
    if (plan.target !== undefined) {
      const isWorse = better === 'higher' ? value < plan.target : value > plan.target;
      this.#count(BELOW_TARGET, { ...tags, scorer: plan.scorer }, isWorse ? 1 : 0);
    }
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

  #count(declared: MetricDeclaration, tags: Tags, value: number): void {
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

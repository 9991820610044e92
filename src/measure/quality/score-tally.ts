import { Histogram } from '../metrics/histogram.ts';
import { histogramLayoutOf } from '../metrics/metric.ts';
import type { SeriesRecord } from '../metrics/metric-store.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { PHASES } from '../metrics/outcome.ts';
import { seriesKey } from '../metrics/series-key.ts';
import type { Scorer } from './scorer.ts';
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
}

/** The worst answers of one scorer, the worst one first. */
export interface WorstAnswers {
  readonly metric: string;
  readonly tags: Tags;
  readonly answers: readonly { readonly iteration: number; readonly value: number }[];
}

/** Scores answers and adds up what came of it, until somebody takes it. */
export class ScoreTally {
  readonly #plans: readonly (ScorePlan & { readonly made: Scorer })[];
  readonly #series = new Map<string, TalliedSeries>();
  readonly #worst = new Map<number, { iteration: number; value: number }[]>();

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
    const [first] = plan.made.metrics;
    if (PHASES[phase] === 'measure' && values[first!.name] !== undefined) {
      this.#noteWorst(scorer, { iteration, value: values[first!.name]! });
    }
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

import { stageSpans } from '../../load/executors/stage-spans.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import type { ThresholdResult } from '../../measure/thresholds/evaluate-thresholds.ts';
import { observedText } from '../../measure/validity/figures.ts';
import type { BrokenRule } from '../../measure/validity/judge-validity.ts';
import { assessSeconds, type Statistics } from '../../measure/statistics/assess-seconds.ts';
import { KeptSeconds } from '../../measure/statistics/kept-seconds.ts';
import { StageSums, type MeasuredStage } from '../../measure/thresholds/stage-sums.ts';
import { wholeSeconds } from '../../measure/thresholds/sliding-sum.ts';
import { ThresholdWatch, type MeasuredAround } from '../../measure/thresholds/threshold-watch.ts';
import type { Result } from '../../results/schema/result.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { LoadEnd } from './run-trial.ts';

/** Rows end at T1 up to the rounding of sums of doubles. */
const ROUNDING_NS = 1_000;

/** Judges the thresholds of one trial, while it runs and at its end. */
export class TrialJudge {
  readonly #watch: ThresholdWatch;
  readonly #rules: readonly { readonly watch: ThresholdWatch; readonly invalid: boolean }[];
  readonly #say: (text: string) => void;
  readonly #kept = new KeptSeconds('response_time');
  readonly #trial: ResolvedTrial;
  readonly #stages: StageSums;
  #aborted: Result['aborted'];

  constructor(trial: ResolvedTrial, say: (text: string) => void) {
    this.#watch = new ThresholdWatch(trial.thresholds, trial.axes);
    this.#rules = (trial.verdict ?? []).map(({ spec, invalid }) => {
      return { watch: new ThresholdWatch([spec], trial.axes), invalid };
    });
    this.#trial = trial;
    this.#stages = new StageSums(
      trial.flows.flatMap(({ name, load }) =>
        stageSpans(load).map((span) => ({ ...span, flow: name })),
      ),
    );
    this.#say = say;
  }

  /** What ended the load before its time. */
  get aborted(): Result['aborted'] {
    return this.#aborted;
  }

  /** Rows that reach over the end of the load are of the drain, and end nothing. */
  interval(row: RecordedInterval, total: MetricStore, load: LoadEnd): 'end-load' | undefined {
    if (row.startedAtNs + row.durationNs > load.endNs + ROUNDING_NS) return undefined;
    if (row.phase === 'measure') {
      if (wholeSeconds(row) !== undefined) this.#kept.add(row);
      this.#stages.add(row);
    }
    for (const { watch } of this.#rules) watch.add(row, total);
    const abort = this.#watch.add(row, total);
    if (abort === undefined || load.isOver || this.#aborted !== undefined) return undefined;
    const { text, tags } = abort.result;
    this.#aborted = { threshold: text, tags, atSecond: abort.atSecond };
    this.#say(`Ending the load: ${text} failed (abortOnFail).`);
    return 'end-load';
  }

  /** What the seconds say about the figures of the whole. */
  statistics(): Statistics {
    const { seed, flows } = this.#trial;
    const isOpen = flows.some(({ load }) => modelOf(load).kind === 'open');
    return assessSeconds(this.#kept, { seed, isOpen });
  }

  results(total: MetricStore, around: MeasuredAround): ThresholdResult[] {
    return this.#watch.results(total, { around, stages: this.#stages.byName() });
  }

  /** What was measured in named stages. */
  get stages(): readonly MeasuredStage[] {
    return this.#stages.stages;
  }

  /** Rules of the scenario's own verdict that did not hold; an undecided one did not. */
  brokenRules(total: MetricStore): BrokenRule[] {
    return this.#rules.flatMap(({ watch, invalid }) =>
      watch
        .results(total)
        .filter(({ status }) => status !== 'passed')
        .map((result) => ({ text: result.text, observed: observedText(result), invalid })),
    );
  }
}

import type { ThresholdResult } from './evaluate-thresholds.ts';
import type { RecordedSeconds } from './sliding-sum.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** What the windows of one threshold came to, for each of the series that it judges alone. */
export class WindowTally {
  readonly #spec: ThresholdSpec;
  /** By the tags of a result. */
  readonly #bySeries = new Map<string, SeriesTally>();

  constructor(spec: ThresholdSpec) {
    this.#spec = spec;
  }

  add({ fromSecond, toSecond }: RecordedSeconds, results: readonly ThresholdResult[]): void {
    for (const result of results) {
      const key = JSON.stringify(result.tags);
      const tally = this.#bySeries.get(key) ?? { judged: 0, notPassed: 0, worst: undefined };
      this.#bySeries.set(key, tally);
      tally.judged++;
      if (result.status !== 'passed') tally.notPassed++;
      if (tally.worst === undefined || this.#isWorse(result, tally.worst.result)) {
        tally.worst = { result, fromSecond, toSecond };
      }
    }
  }

  /** `whole`: what the threshold is over the whole phase; only its series count here. */
  results(whole: readonly ThresholdResult[]): ThresholdResult[] {
    const seconds = this.#spec.windowSeconds!;
    return whole.map(({ text, tags }) => {
      const tally = this.#bySeries.get(JSON.stringify(tags));
      if (tally?.worst === undefined) {
        const reason = `no full window of ${seconds} s`;
        const window = { seconds, judged: 0, notPassed: 0, worst: null };
        const nothing = { observed: undefined, status: 'undecided', thin: false } as const;
        return { text, tags, reason, window, ...nothing };
      }
      const { judged, notPassed, worst } = tally;
      const { fromSecond, toSecond } = worst;
      const window = { seconds, judged, notPassed, worst: { fromSecond, toSecond } };
      return { ...worst.result, window };
    });
  }

  /** Failed before undecided before passed; of two alike, the one that is further off. */
  #isWorse(one: ThresholdResult, other: ThresholdResult): boolean {
    const ranks = { passed: 0, undecided: 1, failed: 2 };
    if (one.status !== other.status) return ranks[one.status] > ranks[other.status];
    return this.#badness(one) > this.#badness(other);
  }

  /** What was not answered is further off than any value. */
  #badness({ observed, status }: ThresholdResult): number {
    if (observed === undefined) return status === 'failed' ? Infinity : -Infinity;
    const { operator, value } = this.#spec;
    if (operator === '==' || operator === '!=') return Math.abs(observed.value - value);
    return operator.startsWith('<') ? observed.value : -observed.value;
  }
}

interface SeriesTally {
  judged: number;
  notPassed: number;
  worst:
    | {
        readonly result: ThresholdResult;
        readonly fromSecond: number;
        readonly toSecond: number;
      }
    | undefined;
}

import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { MetricStore } from '../metrics/metric-store.ts';

/** What was recorded in some whole seconds of the measured phase. */
export interface RecordedSeconds {
  /** Since T0. */
  readonly fromSecond: number;
  /** Exclusive. More than one second later where the row of a busy worker covers several. */
  readonly toSecond: number;
  readonly metrics: MetricStore;
}

/** Rows end at whole seconds up to the rounding of sums of doubles. */
const ROUNDING_NS = 1_000;

/** The whole seconds that a row covers, or undefined where T0, T1 or a stop cut it. */
export function wholeSeconds(row: {
  readonly second: number;
  readonly seconds: number;
  readonly durationNs: number;
  readonly metrics: MetricStore;
}): RecordedSeconds | undefined {
  const { second, seconds, durationNs, metrics } = row;
  if (durationNs < seconds * NS_PER_SECOND - ROUNDING_NS) return undefined;
  return { fromSecond: second, toSecond: second + seconds, metrics };
}

/**
 * The sum over the last `windowSeconds`, while seconds are added. Counts could be taken away again
 * but the largest and smallest of a histogram could not, so it is a queue of two stacks: `#later`
 * holds new seconds and their sum; when the earlier ones are used up they become `#earlier`, each
 * with the sum of itself and all that follow it. A second is thus added up three times, however
 * long the window is.
 */
export class SlidingSum {
  readonly #windowSeconds: number;
  /** Newest first: the last one begins the window. */
  #earlier: RecordedSeconds[] = [];
  #later: RecordedSeconds[] = [];
  #laterSum = MetricStore.sumOf([]);

  constructor(windowSeconds: number) {
    this.#windowSeconds = windowSeconds;
  }

  /**
   * The window that ends with these seconds, once there are enough. It is longer than asked for
   * where its first row covers several seconds, and empty after a gap.
   */
  add(seconds: RecordedSeconds): RecordedSeconds | undefined {
    if (this.#end !== undefined && this.#end !== seconds.fromSecond) this.#forget();
    this.#later.push(seconds);
    this.#laterSum = MetricStore.sumOf([this.#laterSum, seconds.metrics]);
    const latestStart = seconds.toSecond - this.#windowSeconds;
    while (this.#secondStart <= latestStart) this.#dropFirst();
    const fromSecond = this.#first?.fromSecond ?? seconds.fromSecond;
    if (fromSecond > latestStart) return undefined;
    const before = this.#earlier.at(-1)?.metrics;
    const metrics =
      before === undefined ? this.#laterSum : MetricStore.sumOf([before, this.#laterSum]);
    return { fromSecond, toSecond: seconds.toSecond, metrics };
  }

  /** Where the window would begin without its first row. */
  get #secondStart(): number {
    const second = this.#earlier.at(-2) ?? this.#later[this.#earlier.length === 0 ? 1 : 0];
    return second?.fromSecond ?? Number.POSITIVE_INFINITY;
  }

  get #first(): RecordedSeconds | undefined {
    return this.#earlier.at(-1) ?? this.#later[0];
  }

  get #end(): number | undefined {
    return (this.#later.at(-1) ?? this.#earlier[0])?.toSecond;
  }

  #dropFirst(): void {
    if (this.#earlier.length === 0) this.#turnOver();
    this.#earlier.pop();
  }

  #turnOver(): void {
    let sum = MetricStore.sumOf([]);
    this.#earlier = this.#later.toReversed().map((row) => {
      sum = MetricStore.sumOf([row.metrics, sum]);
      return { ...row, metrics: sum };
    });
    this.#forgetLater();
  }

  #forget(): void {
    this.#earlier = [];
    this.#forgetLater();
  }

  #forgetLater(): void {
    this.#later = [];
    this.#laterSum = MetricStore.sumOf([]);
  }
}

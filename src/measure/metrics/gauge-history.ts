import type { GaugeView } from './metric-source.ts';

/** A gauge as plain JSON. */
export interface GaugeRecord {
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/** The levels that a gauge had, one an interval. */
export class GaugeHistory implements GaugeView {
  last = 0;
  min = 0;
  max = 0;
  count = 0;
  #sum = 0;

  static of(level: number): GaugeHistory {
    return GaugeHistory.fromRecord({ last: level, min: level, max: level, sum: level, count: 1 });
  }

  static fromRecord({ last, min, max, sum, count }: GaugeRecord): GaugeHistory {
    const history = new GaugeHistory();
    Object.assign(history, { last, min, max, count });
    history.#sum = sum;
    return history;
  }

  get average(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** Appends what came after. */
  append(later: GaugeHistory): void {
    if (later.count === 0) return;
    this.min = this.count === 0 ? later.min : Math.min(this.min, later.min);
    this.max = this.count === 0 ? later.max : Math.max(this.max, later.max);
    this.last = later.last;
    this.#sum += later.#sum;
    this.count += later.count;
  }

  toRecord(): GaugeRecord {
    const { last, min, max, count } = this;
    return { last, min, max, sum: this.#sum, count };
  }
}

/**
 * Several gauges seen at the same instants, added up: `last` and `average` are exact, `min` and
 * `max` bound what the sum was, since their extremes need not have coincided.
 */
export function addGauges(gauges: readonly GaugeHistory[]): GaugeView {
  const sumOf = (level: (gauge: GaugeHistory) => number): number =>
    gauges.reduce((sum, gauge) => sum + level(gauge), 0);
  return {
    last: sumOf((gauge) => gauge.last),
    min: sumOf((gauge) => gauge.min),
    max: sumOf((gauge) => gauge.max),
    average: sumOf((gauge) => gauge.average),
    count: Math.max(0, ...gauges.map((gauge) => gauge.count)),
  };
}

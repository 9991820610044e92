import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { ResultCeiling } from '../../results/schema/result.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/** What one worker can send of the requests of a trial. */
export type KnownCeiling = Pick<
  ResultCeiling,
  'operationsPerSecond' | 'isLowerBound' | 'measuredAt'
>;

export type CeilingOf = (trial: ResolvedTrial) => KnownCeiling | undefined;

/** Rows that are shorter hold the ends of a load, whose rates mean nothing. */
const LEAST_ROW_NS = NS_PER_SECOND / 2;

/** How much of what all workers can send a trial uses, second by second. */
export class CeilingUse {
  readonly #ceiling: KnownCeiling;
  readonly #mostPerSecond: number;
  #busiestPerSecond = 0;

  private constructor(ceiling: KnownCeiling, workers: number) {
    this.#ceiling = ceiling;
    this.#mostPerSecond = ceiling.operationsPerSecond * workers;
  }

  /** Undefined where no ceiling is known. */
  static of(ceiling: KnownCeiling | undefined, workers: number): CeilingUse | undefined {
    if (ceiling === undefined || ceiling.operationsPerSecond <= 0) return undefined;
    return new CeilingUse(ceiling, workers);
  }

  interval({ phase, durationNs, metrics }: RecordedInterval): void {
    if (phase !== 'measure' || durationNs < LEAST_ROW_NS) return;
    const perSecond = metrics.counter('attempted') / (durationNs / NS_PER_SECOND);
    this.#busiestPerSecond = Math.max(this.#busiestPerSecond, perSecond);
  }

  use(total: MetricSource): ResultCeiling {
    const { durationSeconds } = total;
    const perSecond = durationSeconds > 0 ? total.counter('attempted') / durationSeconds : 0;
    return {
      ...this.#ceiling,
      usedShare: perSecond / this.#mostPerSecond,
      busiestSecondShare: Math.max(perSecond, this.#busiestPerSecond) / this.#mostPerSecond,
    };
  }
}

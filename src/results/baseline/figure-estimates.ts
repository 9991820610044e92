import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import { repeatedEstimate, type Estimate } from '../../measure/statistics/ratio-interval.ts';
import { measuredSource } from '../schema/measured-source.ts';
import type { Result } from '../schema/result.ts';

/** What two runs are compared by. */
export interface Figure {
  readonly metric: 'throughput' | 'response_time';
  readonly percent: number | null;
}

export const FIGURES: readonly Figure[] = [
  { metric: 'throughput', percent: null },
  ...[50, 90, 95, 99].map((percent) => ({ metric: 'response_time', percent }) as const),
];

/** An estimate, or why there is none. */
export type FoundEstimate =
  | { readonly estimate: Estimate }
  | { readonly reason: string; readonly value: number | null };

const FEW =
  'not decided with this many samples: an interval needs repetitions (trials.repeat), or 20 s of one run';

/** The trials of one point, ready to be asked for their figures. */
export class PointFigures {
  readonly #trials: readonly { readonly result: Result; readonly source: MetricStore }[];

  constructor(results: readonly Result[]) {
    this.#trials = results.map((result) => ({ result, source: measuredSource(result) }));
  }

  /** From repetitions where there are any, else from the seconds of the one run. */
  estimate(figure: Figure): FoundEstimate {
    if (this.#trials.length === 0) return { reason: 'no trial of it is complete', value: null };
    const values: number[] = [];
    for (const { result, source } of this.#trials) {
      const found = valueOf(result, source, figure);
      if (typeof found === 'string') return { reason: found, value: null };
      values.push(found);
    }
    const estimate =
      values.length > 1
        ? repeatedEstimate(values)
        : singleEstimate(this.#trials[0]!.result, figure, values[0]!);
    return estimate === undefined ? { reason: FEW, value: values[0]! } : { estimate };
  }
}

function valueOf(result: Result, source: MetricStore, { percent }: Figure): number | string {
  if (percent === null) {
    const { operationsPerSecond } = result.throughput;
    return operationsPerSecond > 0 ? operationsPerSecond : 'nothing was answered ok';
  }
  if (result.statistics?.backlog?.isGrowing === true) return 'the backlog was still growing';
  const found = source.ranked('response_time').percentile(percent);
  switch (found.kind) {
    case 'value':
      return found.value;
    case 'not-answered':
      return `not answered (${(found.share * 100).toPrecision(2)}%)`;
    case 'too-few':
      return `not decided with this many samples: p${percent} needs ${found.needs}`;
  }
}

/** The interval is over whole seconds, the value over all: it may lie a hair outside. */
function singleEstimate(
  { statistics }: Result,
  { metric, percent }: Figure,
  value: number,
): Estimate | undefined {
  const interval = statistics?.intervals.find(
    (each) => each.metric === metric && each.percent === percent,
  );
  if (interval === undefined || !(interval.low > 0)) return undefined;
  const { low, high } = interval;
  const within = Math.max(low, Math.min(high ?? Infinity, value));
  return { value: within, low, high };
}

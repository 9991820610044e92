import { rankOf, type Histogram } from './histogram.ts';
import type { MetricDeclaration } from './metric.ts';
import type { RankedLatency, RankedValue, Tags } from './metric-source.ts';
import { sampleFloor } from './percentile-floors.ts';
import { matches, tagsWithout } from './series-key.ts';

/** What ranking needs of a store. */
export interface RankingSource {
  readonly declarations: ReadonlyMap<string, MetricDeclaration>;
  seriesTags(metric: string): readonly Tags[];
  firstSteps(): readonly Tags[];
  counter(metric: string, tags: Tags): number;
  histogram(metric: string, tags: Tags): Histogram;
}

/**
 * The population of a latency. One whose declaration says `ranks` is over all that was due: what
 * ended ok was answered; what failed or was interrupted, and iterations that were never sent, rank
 * behind as never answered. Unsent iterations rank in the first step of their flow (in each of its
 * series: they have no own tags yet) and in `iteration_response_time`. Where `outcome` is named,
 * and for waits and lags, what was recorded is the whole population.
 */
export function rankedLatency(source: RankingSource, metric: string, tags: Tags): RankedLatency {
  const ranks = source.declarations.get(metric)?.ranks;
  if (ranks === undefined || tags.outcome !== undefined) {
    return new Ranking(source.histogram(metric, tags), 0);
  }
  const ok = { ...tags, outcome: 'ok' };
  const series = source.seriesTags(metric).filter((candidate) => matches(candidate, ok));
  const origins = series.map((candidate) => tagsWithout(candidate, 'outcome'));
  const neverAnswered =
    ranks === 'operations'
      ? unansweredOperations(source, origins)
      : unansweredIterations(source, origins);
  return new Ranking(source.histogram(metric, ok), neverAnswered);
}

class Ranking implements RankedLatency {
  readonly answered: Histogram;
  readonly neverAnswered: number;

  constructor(answered: Histogram, neverAnswered: number) {
    this.answered = answered;
    this.neverAnswered = neverAnswered;
  }

  get total(): number {
    return this.answered.count + this.neverAnswered;
  }

  percentile(percent: number): RankedValue {
    return this.percentiles([percent])[0]!;
  }

  percentiles(percents: readonly number[]): RankedValue[] {
    const { answered, neverAnswered, total } = this;
    const ranks = percents.map((percent) => rankOf(percent, total));
    const values = answered.valuesAtRanks(ranks);
    return percents.map((percent, at): RankedValue => {
      const reached = ranks[at]! <= answered.count || total === 0;
      const value = reached ? values[at]! : Number.POSITIVE_INFINITY;
      const needs = sampleFloor(percent);
      if (total < needs) return { kind: 'too-few', needs, value };
      return reached
        ? { kind: 'value', value }
        : { kind: 'not-answered', share: neverAnswered / total };
    });
  }
}

function unansweredOperations(source: RankingSource, lanes: readonly Tags[]): number {
  const firstSteps = source.firstSteps();
  const ofFirstSteps = lanes.filter((lane) => firstSteps.some((first) => matches(first, lane)));
  return (
    sumOver(lanes, (lane) => source.counter('operations', { ...lane, outcome: 'failed' })) +
    sumOver(lanes, (lane) => source.counter('operations', { ...lane, outcome: 'interrupted' })) +
    unsentOf(source, ofFirstSteps)
  );
}

function unansweredIterations(source: RankingSource, flows: readonly Tags[]): number {
  const notOk = ['failed', 'aborted', 'interrupted'];
  const ended = sumOver(flows, (flow) =>
    sumOver(notOk, (outcome) => source.counter('iterations', { ...flow, outcome })),
  );
  return ended + unsentOf(source, flows);
}

/** Iterations of the flows that `origins` belong to which were never sent; each flow once. */
function unsentOf(source: RankingSource, origins: readonly Tags[]): number {
  const flows = new Map(
    origins.map(({ flow = '', phase = '' }) => [`${phase} ${flow}`, { flow, phase }]),
  );
  return sumOver([...flows.values()], (flow) => source.counter('unsent', flow));
}

function sumOver<Item>(items: readonly Item[], countOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + countOf(item), 0);
}

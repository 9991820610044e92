import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { MetricStore } from '../metrics/metric-store.ts';
import { wholeSeconds, type RecordedSeconds } from './sliding-sum.ts';

/** A named stage of a flow, by the time since T0. */
export interface FlowStage {
  readonly flow: string;
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** What was recorded in the whole seconds that lie in a stage; its rates are over these. */
export interface MeasuredStage extends FlowStage {
  readonly metrics: MetricStore;
}

/** Adds up the seconds of each named stage: what ended in them, whenever it was intended. */
export class StageSums {
  readonly #stages: readonly MeasuredStage[];

  constructor(stages: readonly FlowStage[]) {
    this.#stages = stages.map((stage) => ({ ...stage, metrics: new MetricStore([]) }));
  }

  get stages(): readonly MeasuredStage[] {
    return this.#stages;
  }

  /** Takes a row of the measured phase. */
  add(row: Parameters<typeof wholeSeconds>[0]): void {
    const whole = this.#stages.length === 0 ? undefined : wholeSeconds(row);
    if (whole === undefined) return;
    for (const stage of this.#stages.filter((each) => liesIn(whole, each))) {
      stage.metrics.add(whole.metrics.where({ flow: stage.flow, phase: 'measure' }));
      stage.metrics.durationSeconds += whole.toSecond - whole.fromSecond;
    }
  }

  /** By name: stages of one name count as one, at once in several flows or again in one. */
  byName(): ReadonlyMap<string, MetricStore> {
    const names = new Set(this.#stages.map(({ name }) => name));
    return new Map([...names].map((name) => [name, this.#sumOf(name)]));
  }

  #sumOf(wanted: string): MetricStore {
    const own = this.#stages.filter(({ name }) => name === wanted);
    const sum = MetricStore.sumOf(own.map(({ metrics }) => metrics));
    const ofFlows = Map.groupBy(own, ({ flow }) => flow).values();
    const seconds = [...ofFlows].map((stages) =>
      stages.reduce((total, { metrics }) => total + metrics.durationSeconds, 0),
    );
    sum.durationSeconds = Math.max(...seconds);
    return sum;
  }
}

/** Stages are doubles; a row has whole seconds. */
const ROUNDING_NS = 1_000;

function liesIn({ fromSecond, toSecond }: RecordedSeconds, { fromNs, toNs }: FlowStage): boolean {
  const isBehind = fromSecond * NS_PER_SECOND >= fromNs - ROUNDING_NS;
  return isBehind && toSecond * NS_PER_SECOND <= toNs + ROUNDING_NS;
}

import { accountOf } from '../../src/measure/metrics/account.ts';
import { IntervalData } from '../../src/measure/metrics/interval-data.ts';
import type { Account } from '../../src/measure/metrics/interval.ts';
import type { RecordedInterval } from '../../src/measure/metrics/interval-collector.ts';
import { MetricStore } from '../../src/measure/metrics/metric-store.ts';
import {
  ITERATION_OUTCOMES,
  OUTCOME,
  PHASES,
  UNSENT_REASONS,
  type Outcome,
  type Phase,
  type UnsentReason,
} from '../../src/measure/metrics/outcome.ts';
import {
  FLOW_COUNTER,
  FLOW_HISTOGRAM,
  LANE_COUNTER,
  LANE_HISTOGRAM,
  layoutSeries,
  type SeriesLayout,
  type SeriesPlan,
} from '../../src/measure/metrics/series-layout.ts';

const SECOND_NS = 1_000_000_000;

export interface RecordedOperation {
  readonly lane?: number;
  readonly outcome?: Outcome;
  readonly responseNs: number;
  readonly serviceNs?: number;
}

/** Makes the rows that a runner would collect, from operations that a test names one by one. */
export class RecordedTrial {
  readonly layout: SeriesLayout;
  readonly total: MetricStore;
  readonly #totals = new Map<Phase, Float64Array>();
  readonly #startNs: Readonly<Record<Phase, number>>;
  readonly #seconds: Record<Phase, number> = { warmup: 0, measure: 0 };

  constructor(plan: SeriesPlan, startNs: Readonly<Record<Phase, number>>) {
    this.layout = layoutSeries(plan);
    this.total = MetricStore.empty(this.layout);
    this.#startNs = startNs;
    for (const phase of PHASES) {
      this.#totals.set(phase, new Float64Array(this.layout.counters.length));
    }
  }

  /** One second of a phase; `record` says what happened in it. */
  second(phase: Phase, record: (second: RecordedSecond) => void): RecordedInterval {
    const data = new IntervalData(this.layout);
    record(new RecordedSecond(this.layout, data, phase));
    const totals = this.#totals.get(phase)!;
    this.layout.counters.forEach(({ declaration }, index) => {
      if (declaration.kind === 'gauge') totals[index] = data.counters[index]!;
      else totals[index]! += data.counters[index]!;
    });
    const metrics = MetricStore.fromInterval(data, phase, 1);
    this.total.add(metrics);
    if (phase === 'measure') this.total.durationSeconds++;
    const second = this.#seconds[phase]++;
    return {
      phase,
      second,
      seconds: 1,
      startedAtNs: this.#startNs[phase] + second * SECOND_NS,
      durationNs: SECOND_NS,
      metrics,
      account: this.account(phase),
    };
  }

  account(phase: Phase): Account {
    return accountOf(this.layout, this.#totals.get(phase)!);
  }
}

export class RecordedSecond {
  readonly #layout: SeriesLayout;
  readonly #data: IntervalData;
  readonly #phase: Phase;

  constructor(layout: SeriesLayout, data: IntervalData, phase: Phase) {
    this.#layout = layout;
    this.#data = data;
    this.#phase = phase;
  }

  /** An iteration of one operation: due, started, attempted and ended within the second. */
  iteration(operation: RecordedOperation): void {
    const flow = this.#layout.lanes[operation.lane ?? 0]!.flow;
    this.#flowCount(flow, FLOW_COUNTER.due, 1);
    this.#flowCount(flow, FLOW_COUNTER.started, 1);
    this.operation(operation);
    const isOk = (operation.outcome ?? 'ok') === 'ok';
    this.endIteration(flow, isOk ? 'ok' : 'aborted', operation.responseNs);
  }

  operation({ lane = 0, outcome = 'ok', responseNs, serviceNs = responseNs }: RecordedOperation) {
    const { counterBase, histogramBase } = this.#layout.lanes[lane]!;
    const count = (offset: number, by: number): void => {
      this.#data.counters[counterBase + offset]! += by;
    };
    count(LANE_COUNTER.attempted, 1);
    count(LANE_COUNTER.bytesSent, 200);
    count(LANE_COUNTER.bytesReceived, 3_000);
    count(LANE_COUNTER.operations + OUTCOME[outcome], 1);
    const isOk = outcome === 'ok';
    if (isOk) {
      if (this.#phase === 'measure') count(LANE_COUNTER.okInWindow, 1);
      count(LANE_COUNTER.items, 1);
    }
    const record = (offset: number, ns: number): void =>
      this.#data.histogram(histogramBase + offset).record(ns);
    record(isOk ? LANE_HISTOGRAM.responseOk : LANE_HISTOGRAM.responseFailed, responseNs);
    record(isOk ? LANE_HISTOGRAM.serviceOk : LANE_HISTOGRAM.serviceFailed, serviceNs);
    record(LANE_HISTOGRAM.writeLag, 8_000);
    record(LANE_HISTOGRAM.waitCap, Math.max(0, responseNs - serviceNs));
  }

  /** What a driver measured of an operation of `lane`, by the places that it declared. */
  ownMetrics(
    lane: number,
    own: {
      readonly phases?: readonly number[];
      readonly counts?: readonly number[];
      readonly samples?: readonly (readonly number[])[];
    },
  ): void {
    const { phases, counters, sampled } = this.#layout.lanes[lane]!;
    own.phases?.forEach((value, place) => this.#data.histogram(phases[place]!).record(value));
    own.counts?.forEach((count, place) => {
      this.#data.counters[counters[place]!]! += count;
      if (this.#phase === 'measure') this.#data.counters[counters[place]! + 1]! += count;
    });
    own.samples?.forEach((values, place) => {
      for (const value of values) this.#data.histogram(sampled[place]!).record(value);
    });
  }

  endIteration(
    flow: number,
    outcome: (typeof ITERATION_OUTCOMES)[number],
    responseNs: number,
  ): void {
    this.#flowCount(flow, FLOW_COUNTER.iterations + ITERATION_OUTCOMES.indexOf(outcome), 1);
    const { histogramBase } = this.#layout.flows[flow]!;
    const offset = outcome === 'ok' ? FLOW_HISTOGRAM.responseOk : FLOW_HISTOGRAM.responseFailed;
    this.#data.histogram(histogramBase + offset).record(responseNs);
    this.#data.histogram(histogramBase + FLOW_HISTOGRAM.pacerLag).record(12_000);
  }

  /** An iteration of several steps. */
  journey(flow: number, operations: readonly RecordedOperation[]): void {
    this.#flowCount(flow, FLOW_COUNTER.due, 1);
    this.#flowCount(flow, FLOW_COUNTER.started, 1);
    let totalNs = 0;
    for (const operation of operations) {
      this.operation(operation);
      totalNs += operation.responseNs;
    }
    const isOk = operations.every(({ outcome = 'ok' }) => outcome === 'ok');
    this.endIteration(flow, isOk ? 'ok' : 'aborted', totalNs);
  }

  unsent(flow: number, reason: UnsentReason, count: number): void {
    this.#flowCount(flow, FLOW_COUNTER.due, count);
    this.#flowCount(flow, FLOW_COUNTER.unsent + UNSENT_REASONS.indexOf(reason), count);
  }

  /** An iteration that begins in this second and does not end in it. */
  open(flow: number, lane: number): void {
    this.#flowCount(flow, FLOW_COUNTER.due, 1);
    this.#flowCount(flow, FLOW_COUNTER.started, 1);
    this.#flowCount(flow, FLOW_COUNTER.running, 1);
    this.#flowCount(flow, FLOW_COUNTER.inFlight, 1);
    this.#data.counters[this.#layout.lanes[lane]!.counterBase + LANE_COUNTER.attempted]! += 1;
  }

  #flowCount(flow: number, offset: number, by: number): void {
    this.#data.counters[this.#layout.flows[flow]!.counterBase + offset]! += by;
  }
}

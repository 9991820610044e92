import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import * as builtin from './builtin-metrics.ts';
import { inWindowOf, SAMPLES_LEFT_OUT } from './driver-metrics.ts';
import type { HistogramLayout } from './histogram-layout.ts';
import { histogramLayoutOf, type MetricDeclaration } from './metric.ts';
import type { Tags } from './metric-source.ts';
import { ITERATION_OUTCOMES, OUTCOMES, UNSENT_REASONS } from './outcome.ts';

/** More series than this would cost more memory than they tell. */
export const SERIES_LIMIT = 1_000;

/** What a trial is going to measure: known before the start, since tag sets are closed. */
export interface SeriesPlan {
  readonly flows: readonly FlowPlan[];
  readonly lanes: readonly LanePlan[];
  /** Gauges that are the rates of counters, for those that have series. */
  readonly rates?: readonly MetricDeclaration[];
}

export interface FlowPlan {
  readonly name: string;
  readonly tags: Tags;
}

/** A step with one set of values of its own tags. */
export interface LanePlan {
  /** Index in `flows`. */
  readonly flow: number;
  readonly step: string;
  readonly target: string;
  readonly tags: Tags;
  /**
   * The driver's own histograms, in the order of `OperationSlots.phases`; undefined stands for one
   * that this step never feeds, which gets no series.
   */
  readonly phases: readonly (MetricDeclaration | undefined)[];
  /** Its counters, in the order of `OperationSlots.counts`. */
  readonly counters?: readonly (MetricDeclaration | undefined)[];
  /** Its histograms of many values an operation, in the order of `OperationSlots.samples`. */
  readonly sampled?: readonly (MetricDeclaration | undefined)[];
  /** `call` where the client hides its socket: `call_time` instead of `service_time`. */
  readonly stamps?: 'socket' | 'call';
  /** False for a step without `slo`, which no goodput is counted for. */
  readonly slo?: boolean;
}

/** Where each number of a recorder stands. The same on the runner and on every worker. */
export interface SeriesLayout {
  /** Metrics that have series here, and the shares and rates that are computed from them. */
  readonly declarations: readonly MetricDeclaration[];
  /** Counters and gauges; their position is their index. */
  readonly counters: readonly Series[];
  readonly histograms: readonly HistogramSeries[];
  /** Cells of all histograms together. */
  readonly cellCount: number;
  readonly flows: readonly FlowSeries[];
  readonly lanes: readonly LaneSeries[];
  /** Index of `late_records`. */
  readonly lateRecords: number;
}

export interface Series {
  readonly declaration: MetricDeclaration;
  readonly tags: Tags;
  /** Set on the `attempted` series of a flow's first step, where unsent iterations rank. */
  readonly first?: true;
}

export interface HistogramSeries extends Series {
  readonly layout: HistogramLayout;
  /** Its first cell among the cells of all histograms. */
  readonly cellBase: number;
}

/** Index of a flow's first counter and histogram; `FLOW_COUNTER` and so on are added to it. */
export interface FlowSeries {
  readonly name: string;
  readonly counterBase: number;
  readonly histogramBase: number;
}

export interface LaneSeries {
  readonly flow: number;
  readonly step: string;
  readonly counterBase: number;
  readonly histogramBase: number;
  readonly slo: boolean;
  /** Histograms by their place in `OperationSlots.phases`; NO_SERIES where the step has none. */
  readonly phases: readonly number[];
  /** Counters by their place in `OperationSlots.counts`; behind each stands its part in the window. */
  readonly counters: readonly number[];
  /** Histograms by their place in `OperationSlots.samples`. */
  readonly sampled: readonly number[];
  /** Counter of the values that did not fit; NO_SERIES where nothing is sampled. */
  readonly samplesLeftOut: number;
}

export const NO_SERIES = -1;

export const FLOW_COUNTER = {
  due: 0,
  started: 1,
  waiting: 2,
  running: 3,
  inFlight: 4,
  unsent: 5,
  iterations: 5 + UNSENT_REASONS.length,
} as const;

export const FLOW_HISTOGRAM = {
  responseOk: 0,
  responseFailed: 1,
  pacerLag: 2,
  turnaround: 3,
} as const;

export const LANE_COUNTER = {
  attempted: 0,
  bytesSent: 1,
  bytesReceived: 2,
  items: 3,
  late: 4,
  okInWindow: 5,
  itemsInWindow: 6,
  operations: 7,
  // Last, since a step without slo has none of them.
  goodput: 7 + OUTCOMES.length,
  goodputInWindow: 8 + OUTCOMES.length,
} as const;

export const LANE_HISTOGRAM = {
  responseOk: 0,
  responseFailed: 1,
  serviceOk: 2,
  serviceFailed: 3,
  waitCap: 4,
  waitConnect: 5,
  writeLag: 6,
  sendLag: 7,
  receiveError: 8,
} as const;

/** Lays out all series of a trial; throws TOO_MANY_SERIES. A pure function of the plan. */
export function layoutSeries(plan: SeriesPlan): SeriesLayout {
  const building = new LayoutBuilder();
  const lateRecords = building.counter(builtin.LATE_RECORDS, {});
  const flows = plan.flows.map((flow) => layoutFlow(building, flow));
  const lanes = plan.lanes.map((lane) => layoutLane(building, lane, plan));
  const { counters, histograms, cellCount } = building;
  const count = counters.length + histograms.length;
  if (count > SERIES_LIMIT) {
    throw new LoadgenError('TOO_MANY_SERIES', { count, limit: SERIES_LIMIT });
  }
  const declared = new Map(
    [...histograms, ...counters].map(({ declaration }) => [declaration.name, declaration]),
  );
  const rates = (plan.rates ?? []).filter(({ rateOf }) => declared.has(rateOf!));
  const declarations = [...declared.values(), ...rates, builtin.ERROR_RATE];
  return { declarations, counters, histograms, cellCount, flows, lanes, lateRecords };
}

class LayoutBuilder {
  readonly counters: Series[] = [];
  readonly histograms: HistogramSeries[] = [];
  cellCount = 0;

  counter(declaration: MetricDeclaration, tags: Tags, first = false): number {
    return this.counters.push({ declaration, tags, ...(first && { first }) }) - 1;
  }

  histogram(declaration: MetricDeclaration, tags: Tags): number {
    const layout = histogramLayoutOf(declaration);
    const cellBase = this.cellCount;
    this.cellCount += layout.cellCount;
    return this.histograms.push({ declaration, tags, layout, cellBase }) - 1;
  }
}

function layoutFlow(building: LayoutBuilder, flow: FlowPlan): FlowSeries {
  const tags = { ...flow.tags, flow: flow.name };
  const counterBase = building.counter(builtin.DUE, tags);
  building.counter(builtin.STARTED, tags);
  building.counter(builtin.WAITING, tags);
  building.counter(builtin.RUNNING, tags);
  building.counter(builtin.IN_FLIGHT, tags);
  for (const reason of UNSENT_REASONS) building.counter(builtin.UNSENT, { ...tags, reason });
  for (const outcome of ITERATION_OUTCOMES) {
    building.counter(builtin.ITERATIONS, { ...tags, outcome });
  }
  const histogramBase = byOutcome(building, builtin.ITERATION_RESPONSE_TIME, tags);
  building.histogram(builtin.PACER_LAG, tags);
  building.histogram(builtin.TURNAROUND, tags);
  return { name: flow.name, counterBase, histogramBase };
}

function layoutLane(building: LayoutBuilder, lane: LanePlan, plan: SeriesPlan): LaneSeries {
  const flow = plan.flows[lane.flow]!;
  const { step, target } = lane;
  const tags = { ...flow.tags, ...lane.tags, flow: flow.name, step, target };
  const counterBase = layoutLaneCounters(building, tags, lane, isFirstStep(lane, plan));
  const service = lane.stamps === 'call' ? builtin.CALL_TIME : builtin.SERVICE_TIME;
  const histogramBase = byOutcome(building, builtin.RESPONSE_TIME, tags);
  byOutcome(building, service, tags);
  building.histogram(builtin.SLOT_WAIT, { ...tags, wait: 'cap' });
  building.histogram(builtin.SLOT_WAIT, { ...tags, wait: 'connect' });
  building.histogram(builtin.WRITE_LAG, tags);
  building.histogram(builtin.SEND_LAG, tags);
  building.histogram(builtin.RECEIVE_ERROR, tags);
  return {
    flow: lane.flow,
    step,
    counterBase,
    histogramBase,
    slo: lane.slo !== false,
    ...layoutDriver(building, tags, lane),
  };
}

function layoutDriver(
  building: LayoutBuilder,
  tags: Tags,
  { phases, counters = [], sampled = [] }: LanePlan,
): Pick<LaneSeries, 'phases' | 'counters' | 'sampled' | 'samplesLeftOut'> {
  // Of operations that ended ok: those of a failed one would describe something else.
  const histogram = (declared: MetricDeclaration): number =>
    building.histogram(declared, { ...tags, ...declared.tags, outcome: 'ok' });
  const counter = (declared: MetricDeclaration): number => {
    const index = building.counter(declared, tags);
    building.counter(inWindowOf(declared), tags);
    return index;
  };
  const hasSamples = sampled.some((declared) => declared !== undefined);
  return {
    phases: phases.map((declared) => (declared ? histogram(declared) : NO_SERIES)),
    counters: counters.map((declared) => (declared ? counter(declared) : NO_SERIES)),
    sampled: sampled.map((declared) => (declared ? histogram(declared) : NO_SERIES)),
    samplesLeftOut: hasSamples ? building.counter(SAMPLES_LEFT_OUT, tags) : NO_SERIES,
  };
}

function layoutLaneCounters(
  building: LayoutBuilder,
  tags: Tags,
  lane: LanePlan,
  first: boolean,
): number {
  const counterBase = building.counter(builtin.ATTEMPTED, tags, first);
  building.counter(builtin.BYTES_SENT, tags);
  building.counter(builtin.BYTES_RECEIVED, tags);
  building.counter(builtin.ITEMS, tags);
  building.counter(builtin.LATE, tags);
  building.counter(builtin.OK_IN_WINDOW, tags);
  building.counter(builtin.ITEMS_IN_WINDOW, tags);
  for (const outcome of OUTCOMES) building.counter(builtin.OPERATIONS, { ...tags, outcome });
  if (lane.slo !== false) {
    building.counter(builtin.GOODPUT, tags);
    building.counter(builtin.GOODPUT_IN_WINDOW, tags);
  }
  return counterBase;
}

function byOutcome(building: LayoutBuilder, declaration: MetricDeclaration, tags: Tags): number {
  const base = building.histogram(declaration, { ...tags, outcome: 'ok' });
  building.histogram(declaration, { ...tags, outcome: 'failed' });
  return base;
}

function isFirstStep(lane: LanePlan, plan: SeriesPlan): boolean {
  return plan.lanes.find(({ flow }) => flow === lane.flow)?.step === lane.step;
}

import { IntervalCollector } from '../../../src/measure/metrics/interval-collector.ts';
import type { MetricDeclaration } from '../../../src/measure/metrics/metric.ts';
import { OperationSlots } from '../../../src/measure/metrics/operation-slots.ts';
import { MEASURE, OUTCOME, WARMUP, type Outcome } from '../../../src/measure/metrics/outcome.ts';
import {
  layoutSeries,
  type SeriesLayout,
  type SeriesPlan,
} from '../../../src/measure/metrics/series-layout.ts';
import {
  allocateRecorder,
  type SharedRecorder,
} from '../../../src/measure/metrics/shared-recorder.ts';
import { WorkerRecorder } from '../../../src/measure/metrics/worker-recorder.ts';

export const SECOND = 1e9;
export const MS = 1e6;

export const firstByte: MetricDeclaration = {
  name: 'first_byte',
  kind: 'histogram',
  unit: 'ns',
  description: 'sent to the first byte of the answer.',
  better: 'lower',
  ranks: 'operations',
};

/** One flow of one step, as most scenarios have it. */
export const onePlan: SeriesPlan = {
  flows: [{ name: 'main', tags: {} }],
  lanes: [{ flow: 0, step: 'embed', target: 'e', tags: {}, phases: [firstByte] }],
};

/** Phase times that a test sets; a phase that has no time has not begun. */
export class SetTimes {
  startNs = Number.POSITIVE_INFINITY;
  t0Ns = Number.POSITIVE_INFINITY;
  t1Ns = Number.POSITIVE_INFINITY;
  endsByTime = false;
  stopNs = Number.POSITIVE_INFINITY;

  phaseStartNs(phase: number): number {
    return phase === WARMUP ? this.startNs : this.t0Ns;
  }

  phaseEndNs(phase: number): number {
    return phase === WARMUP ? this.t0Ns : this.t1Ns;
  }
}

/** The stamps of one operation, each as ns; what is left out follows from the others. */
export interface OperationStamps {
  readonly intended: number;
  readonly picked?: number;
  readonly acquired?: number;
  readonly granted?: number;
  /** 0 where nothing was sent. */
  readonly sent?: number;
  readonly free?: number;
  readonly done: number;
  readonly outcome?: Outcome;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly firstByteNs?: number;
}

/** A few workers that record, and the runner that collects, driven by hand. */
export class RecordedWorld {
  readonly layout: SeriesLayout;
  readonly times = new SetTimes();
  readonly shared: readonly SharedRecorder[];
  readonly workers: readonly WorkerRecorder[];
  readonly slots: readonly OperationSlots[];
  readonly collector: IntervalCollector;

  constructor(
    options: {
      plan?: SeriesPlan;
      workers?: number;
      slotCount?: number;
      latencyLimitsNs?: readonly (number | undefined)[];
    } = {},
  ) {
    const { plan = onePlan, workers = 1, slotCount = 4, latencyLimitsNs = [] } = options;
    const layout = layoutSeries(plan);
    this.layout = layout;
    this.shared = Array.from({ length: workers }, () => allocateRecorder(layout, slotCount));
    this.workers = this.shared.map(
      (shared) => new WorkerRecorder({ layout, shared, times: this.times, latencyLimitsNs }),
    );
    const most = (of: (lane: SeriesPlan['lanes'][number]) => number): number =>
      Math.max(...plan.lanes.map(of));
    const room = {
      counts: most(({ counters = [] }) => counters.length),
      samples: most(({ sampled = [] }) => sampled.length),
    };
    const phases = Math.max(
      1,
      most((lane) => lane.phases.length),
    );
    this.slots = this.shared.map(() => new OperationSlots(slotCount, phases, room));
    this.collector = new IntervalCollector(layout, this.shared, this.times);
  }

  /** Warm-up from `startNs`, measured from `t0Ns`; from 10 s on unless told. */
  begin(times: Partial<Pick<SetTimes, 'startNs' | 't0Ns' | 't1Ns'>> = {}): void {
    Object.assign(this.times, { startNs: 10 * SECOND, t0Ns: 10 * SECOND, ...times });
  }

  /** One whole operation in its own iteration. */
  operation(stamps: OperationStamps, place: { worker?: number; phase?: number } = {}): void {
    const { worker = 0, phase = MEASURE } = place;
    const recorder = this.workers[worker]!;
    recorder.due(phase, 0, 1);
    recorder.started(phase, 0, 0);
    recorder.attempted(phase, 0, 0);
    this.finish(stamps, { worker, phase });
    const outcome = stamps.outcome === undefined || stamps.outcome === 'ok' ? 0 : 2;
    const responseTimeNs = stamps.done - stamps.intended;
    recorder.ended(phase, 0, 0, { outcome, responseTimeNs });
  }

  /** The end of an operation that was attempted. */
  finish(
    stamps: OperationStamps,
    place: { worker?: number; phase?: number; lane?: number; slot?: number } = {},
  ): void {
    const { worker = 0, phase = MEASURE, lane = 0, slot = 0 } = place;
    const slots = this.slots[worker]!;
    stamp(slots, slot, stamps);
    this.workers[worker]!.finished(phase, lane, slot, slots);
  }
}

/** Writes what a driver and an iteration would. */
export function stamp(slots: OperationSlots, slot: number, stamps: OperationStamps): void {
  const picked = stamps.picked ?? stamps.intended;
  const acquired = stamps.acquired ?? picked;
  const granted = stamps.granted ?? acquired;
  slots.intended[slot] = stamps.intended;
  slots.picked[slot] = picked;
  slots.acquired[slot] = acquired;
  slots.granted[slot] = granted;
  slots.sent[slot] = stamps.sent ?? granted;
  slots.free[slot] = stamps.free ?? Number.NaN;
  slots.done[slot] = stamps.done;
  slots.outcome[slot] = OUTCOME[stamps.outcome ?? 'ok'];
  slots.bytesSent[slot] = stamps.bytesSent ?? 0;
  slots.bytesReceived[slot] = stamps.bytesReceived ?? 0;
  slots.phases[0]![slot] = stamps.firstByteNs ?? Number.NaN;
}

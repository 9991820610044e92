import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { OperationSlots } from './operation-slots.ts';
import { FAILED_OUTCOMES, ITERATION_OUTCOME, MEASURE, OUTCOME, WARMUP } from './outcome.ts';
import { PhaseWriter } from './phase-writer.ts';
import type { PhaseTimes } from './phase-times.ts';
import type { IterationEnd, IterationRecorder, OperationRecorder } from './recorder.ts';
import {
  FLOW_COUNTER,
  FLOW_HISTOGRAM,
  LANE_COUNTER,
  LANE_HISTOGRAM,
  NO_SERIES,
  type LaneSeries,
  type SeriesLayout,
} from './series-layout.ts';
import type { SampleWriter } from './sample-ring.ts';
import type { SharedRecorder } from './shared-recorder.ts';

export interface WorkerRecorderParts {
  readonly layout: SeriesLayout;
  readonly shared: SharedRecorder;
  readonly times: PhaseTimes;
  /** By flow: a response time beyond it counts as `late`, and changes nothing else. */
  readonly latencyLimitsNs?: readonly (number | undefined)[];
  /** The raw log, where one is asked for. */
  readonly samples?: SampleWriter | undefined;
}

/**
 * Counts what one worker does into memory that it shares with the runner. The calls of the hot
 * path allocate nothing, send nothing and compute no percentile.
 *
 * What is recorded of an operation: response and service time by whether it was answered ok or
 * failed, and neither when it was cancelled or interrupted, since then it was we who ended it;
 * waits and lags of every operation that came so far; the driver's counters of every operation, its
 * phases and samples when it ended ok.
 */
export class WorkerRecorder implements OperationRecorder, IterationRecorder {
  readonly #layout: SeriesLayout;
  readonly #times: PhaseTimes;
  /**
   * By phase. An index and no branch, as in all that both phases have in common: code that V8 saw
   * during the warm-up alone must hold for the measured phase, or it is compiled anew at T0.
   */
  readonly #writers: readonly PhaseWriter[];
  readonly #slotCount: number;
  readonly #operationStates: Uint8Array;
  readonly #iterationStates: Uint8Array;
  readonly #latencyLimitNs: Float64Array;
  readonly #samples: SampleWriter | undefined;
  /** When the operation before ended, by flow and slot; 0 when there was none. */
  readonly #previousDoneNs: Float64Array;
  #t0Ns = Number.POSITIVE_INFINITY;
  #t1Ns = Number.POSITIVE_INFINITY;
  /** Where throughput stops counting before T1; looked up once a turn. */
  #stopNs = Number.POSITIVE_INFINITY;
  /**
   * By phase, when operations end that count for throughput: from here on, and before there. One of
   * the warm-up that ends after T0 counts, but not where there is no T1: a load that ends by count
   * is judged by its measured operations alone.
   */
  readonly #windowFromNs = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  readonly #windowToNs = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  /** 1 where the operation that just finished counts for throughput, else 0. */
  #inWindow = 0;

  constructor({ layout, shared, times, samples, latencyLimitsNs = [] }: WorkerRecorderParts) {
    this.#samples = samples;
    this.#layout = layout;
    this.#times = times;
    this.#writers = [WARMUP, MEASURE].map((phase) => new PhaseWriter(phase, layout, shared, times));
    this.#slotCount = shared.slotCount;
    this.#operationStates = new Uint8Array(shared.operationStates);
    this.#iterationStates = new Uint8Array(shared.iterationStates);
    this.#latencyLimitNs = Float64Array.from(
      layout.flows,
      (_, flow) => latencyLimitsNs[flow] ?? Number.POSITIVE_INFINITY,
    );
    this.#previousDoneNs = new Float64Array(layout.flows.length * shared.slotCount);
  }

  attempted(phase: number, lane: number, slot: number): void {
    const { counterBase, flow } = this.#layout.lanes[lane]!;
    this.#writers[phase]!.live[counterBase + LANE_COUNTER.attempted]!++;
    this.#operationStates[flow * this.#slotCount + slot] = phase + 1;
  }

  finished(phase: number, lane: number, slot: number, slots: OperationSlots): void {
    const doneNs = slots.done[slot]!;
    const writer = this.#writers[phase]!;
    this.#readTimes();
    writer.operationEnded(doneNs);
    const series = this.#layout.lanes[lane]!;
    this.#inWindow =
      doneNs < this.#stopNs &&
      doneNs < this.#windowToNs[phase]! &&
      doneNs >= this.#windowFromNs[phase]!
        ? 1
        : 0;
    this.#countEnd(writer.live, series, slots, slot);
    this.#recordAnswer(writer, series, slots, slot);
    if (series.counters.length > 0) this.#takeCounts(writer.live, series, slots, slot);
    if (series.sampled.length > 0) takeSamples(writer, series, slots, slot);
    recordLags(writer, series.histogramBase, slots, slot);
    this.#recordTurnaround(writer, series.flow, slots, slot);
    this.#operationStates[series.flow * this.#slotCount + slot] = 0;
    this.#samples?.write(phase, lane, slot, slots);
  }

  goodput(phase: number, lane: number): void {
    const { counterBase, slo, step } = this.#layout.lanes[lane]!;
    if (!slo) throw new LoadgenError('BUG', { reason: `goodput of ${step}, which has no slo` });
    const { live } = this.#writers[phase]!;
    live[counterBase + LANE_COUNTER.goodput]!++;
    live[counterBase + LANE_COUNTER.goodputInWindow]! += this.#inWindow;
  }

  items(phase: number, lane: number, count: number): void {
    const { counterBase } = this.#layout.lanes[lane]!;
    const { live } = this.#writers[phase]!;
    live[counterBase + LANE_COUNTER.items]! += count;
    live[counterBase + LANE_COUNTER.itemsInWindow]! += this.#inWindow * count;
  }

  due(phase: number, flow: number, count: number): void {
    this.#writers[phase]!.live[this.#layout.flows[flow]!.counterBase + FLOW_COUNTER.due]! += count;
  }

  started(phase: number, flow: number, vu: number): void {
    this.#writers[phase]!.live[this.#layout.flows[flow]!.counterBase + FLOW_COUNTER.started]!++;
    this.#iterationStates[flow * this.#slotCount + vu] = phase + 1;
  }

  ended(phase: number, flow: number, vu: number, end: IterationEnd): void {
    const { counterBase, histogramBase } = this.#layout.flows[flow]!;
    const writer = this.#writers[phase]!;
    writer.live[counterBase + FLOW_COUNTER.iterations + end.outcome]!++;
    if (end.outcome !== ITERATION_OUTCOME.interrupted) {
      const { responseOk, responseFailed } = FLOW_HISTOGRAM;
      const histogram =
        histogramBase + (end.outcome === ITERATION_OUTCOME.ok ? responseOk : responseFailed);
      writer.record(histogram, end.responseTimeNs);
    }
    this.#iterationStates[flow * this.#slotCount + vu] = 0;
  }

  unsent(phase: number, flow: number, reason: number, count: number): void {
    const { counterBase } = this.#layout.flows[flow]!;
    this.#writers[phase]!.live[counterBase + FLOW_COUNTER.unsent + reason]! += count;
  }

  waiting(phase: number, flow: number, count: number): void {
    this.#writers[phase]!.live[this.#layout.flows[flow]!.counterBase + FLOW_COUNTER.waiting] =
      count;
  }

  pacerLag(phase: number, flow: number, lagNs: number): void {
    const { histogramBase } = this.#layout.flows[flow]!;
    this.#writers[phase]!.record(histogramBase + FLOW_HISTOGRAM.pacerLag, lagNs);
  }

  /**
   * To be called at the end of every turn, and by a timer while there are none: publishes rows
   * whose second is over. Where answers are stamped and not yet recorded, hand in the oldest of
   * their stamps; else they are recorded late.
   */
  turn(nowNs: number): void {
    this.#readTimes();
    this.#stopNs = this.#times.stopNs ?? Number.POSITIVE_INFINITY;
    for (const writer of this.#writers) writer.turn(nowNs);
  }

  /** Publishes the last row of each phase; nothing may be recorded after it. */
  close(nowNs: number): void {
    this.#readTimes();
    for (const writer of this.#writers) writer.close(nowNs);
  }

  /** Reads what is not known yet: an atomic read costs as much as recording a value. */
  #readTimes(): void {
    let t0Ns = this.#t0Ns;
    let t1Ns = this.#t1Ns;
    if (t0Ns === Number.POSITIVE_INFINITY) t0Ns = this.#times.phaseEndNs(WARMUP);
    if (t1Ns === Number.POSITIVE_INFINITY) t1Ns = this.#times.phaseEndNs(MEASURE);
    if (t0Ns !== this.#t0Ns || t1Ns !== this.#t1Ns) this.#timesKnown(t0Ns, t1Ns);
  }

  #timesKnown(t0Ns: number, t1Ns: number): void {
    this.#t0Ns = t0Ns;
    this.#t1Ns = t1Ns;
    for (const writer of this.#writers) writer.boundariesKnown(t0Ns, t1Ns);
    const endsByTime = t1Ns < Number.POSITIVE_INFINITY || this.#times.endsByTime === true;
    this.#windowFromNs[WARMUP] = t0Ns;
    this.#windowToNs[WARMUP] = endsByTime ? t1Ns : Number.NEGATIVE_INFINITY;
    this.#windowToNs[MEASURE] = t1Ns;
  }

  #countEnd(live: Float64Array, series: LaneSeries, slots: OperationSlots, slot: number): void {
    const { counterBase, flow } = series;
    const outcome = slots.outcome[slot]!;
    live[counterBase + LANE_COUNTER.operations + outcome]!++;
    live[counterBase + LANE_COUNTER.bytesSent]! += slots.bytesSent[slot]!;
    live[counterBase + LANE_COUNTER.bytesReceived]! += slots.bytesReceived[slot]!;
    if (outcome === OUTCOME.ok) live[counterBase + LANE_COUNTER.okInWindow]! += this.#inWindow;
    const responseNs = slots.done[slot]! - slots.intended[slot]!;
    const judged = outcome === OUTCOME.ok || IS_FAILED[outcome] === 1;
    if (judged && responseNs > this.#latencyLimitNs[flow]!)
      live[counterBase + LANE_COUNTER.late]!++;
  }

  #recordAnswer(
    writer: PhaseWriter,
    { histogramBase, phases }: LaneSeries,
    slots: OperationSlots,
    slot: number,
  ): void {
    const outcome = slots.outcome[slot]!;
    const ok = outcome === OUTCOME.ok;
    if (!ok && IS_FAILED[outcome] === 0) return;
    const doneNs = slots.done[slot]!;
    const sentNs = slots.sent[slot]!;
    const { responseOk, responseFailed, serviceOk, serviceFailed } = LANE_HISTOGRAM;
    writer.record(
      histogramBase + (ok ? responseOk : responseFailed),
      doneNs - slots.intended[slot]!,
    );
    if (sentNs > 0)
      writer.record(histogramBase + (ok ? serviceOk : serviceFailed), doneNs - sentNs);
    if (!ok) return;
    for (let place = 0; place < phases.length; place++) {
      const histogram = phases[place]!;
      const value = slots.phases[place]![slot]!;
      // A value that is not there is NaN.
      if (value === value && histogram !== NO_SERIES) writer.record(histogram, value);
    }
  }

  #takeCounts(live: Float64Array, series: LaneSeries, slots: OperationSlots, slot: number): void {
    for (let place = 0; place < series.counters.length; place++) {
      const counts = slots.counts[place]!;
      const count = counts[slot]!;
      if (count === 0) continue;
      const counter = series.counters[place]!;
      if (counter === NO_SERIES) throw notFed(series, `counter ${place}`);
      counts[slot] = 0;
      live[counter]! += count;
      live[counter + 1]! += this.#inWindow * count;
    }
  }

  #recordTurnaround(writer: PhaseWriter, flow: number, slots: OperationSlots, slot: number): void {
    const at = flow * this.#slotCount + slot;
    const previousNs = this.#previousDoneNs[at]!;
    const sentNs = slots.sent[slot]!;
    this.#previousDoneNs[at] = slots.done[slot]!;
    // Only where the request was already due when the answer before it came: else it was not the
    // worker that took its time.
    if (previousNs === 0 || sentNs < previousNs || slots.intended[slot]! > previousNs) return;
    const { histogramBase } = this.#layout.flows[flow]!;
    writer.record(histogramBase + FLOW_HISTOGRAM.turnaround, sentNs - previousNs);
  }
}

/** Records what an operation that was ok sampled; of others it is only cleared. */
function takeSamples(
  writer: PhaseWriter,
  series: LaneSeries,
  slots: OperationSlots,
  slot: number,
): void {
  const isOk = slots.outcome[slot] === OUTCOME.ok;
  for (let place = 0; place < series.sampled.length; place++) {
    const samples = slots.samples[place]!;
    const count = samples.count(slot);
    if (count === 0) continue;
    const histogram = series.sampled[place]!;
    if (histogram === NO_SERIES) throw notFed(series, `sampled metric ${place}`);
    if (isOk) {
      for (let index = 0; index < count; index++) {
        writer.record(histogram, samples.valueAt(slot, index));
      }
      writer.live[series.samplesLeftOut]! += samples.leftOut(slot);
    }
    samples.clear(slot);
  }
}

function notFed({ step }: LaneSeries, what: string): LoadgenError {
  const reason = `the driver fed its ${what} in step ${step}, which its verb says it does not`;
  return new LoadgenError('BUG', { reason });
}

/** By outcome code, so that the hot path need not search. */
const IS_FAILED = new Uint8Array(Object.keys(OUTCOME).length);
for (const outcome of FAILED_OUTCOMES) IS_FAILED[OUTCOME[outcome]] = 1;

function recordLags(
  writer: PhaseWriter,
  histogramBase: number,
  slots: OperationSlots,
  slot: number,
): void {
  const { waitCap, waitConnect, writeLag, sendLag, receiveError } = LANE_HISTOGRAM;
  const acquiredNs = slots.acquired[slot]!;
  const grantedNs = slots.granted[slot]!;
  const sentNs = slots.sent[slot]!;
  writer.record(histogramBase + waitCap, acquiredNs - slots.picked[slot]!);
  // Without a connection the stamps that follow are those of the operation before.
  if (sentNs === 0) return;
  writer.record(histogramBase + waitConnect, grantedNs - acquiredNs);
  writer.record(histogramBase + writeLag, sentNs - grantedNs);
  writer.record(histogramBase + sendLag, sentNs - slots.intended[slot]!);
  const freeNs = slots.free[slot]!;
  if (freeNs !== freeNs) return;
  const doneNs = slots.done[slot]!;
  writer.record(histogramBase + receiveError, doneNs - Math.max(freeNs, sentNs));
}

import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { cellOfUnits } from './histogram-layout.ts';
import { OpenSlots } from './open-slots.ts';
import { WARMUP } from './outcome.ts';
import type { PhaseTimes } from './phase-times.ts';
import type { SeriesLayout } from './series-layout.ts';
import {
  BUFFER_STATE,
  CONTROL,
  HEADER,
  LIVE_TIME,
  STATISTIC,
  type SharedBuffer,
  type SharedRecorder,
} from './shared-recorder.ts';

/**
 * The worker's side of one phase: counts into the buffer of the current row and publishes it when
 * its second is over. A row ends at whole seconds of its phase, and at T0 and T1. Where the runner
 * has not freed the other buffer in time the row goes on and covers several seconds. Nothing here
 * allocates, once a row has begun.
 */
export class PhaseWriter {
  /** Cumulative counters and levels, by their index in the layout. */
  readonly live: Float64Array;
  /** Where the current row begins; records of before are late. NaN until the phase has begun. */
  fromNs = Number.NaN;

  readonly #phase: number;
  readonly #layout: SeriesLayout;
  readonly #openSlots: OpenSlots;
  readonly #phaseTimes: PhaseTimes;
  readonly #cellBase: Float64Array;
  readonly #unitsPerNs: Float64Array;
  readonly #cellCount: Float64Array;
  readonly #control: Int32Array;
  readonly #liveTimes: Float64Array;
  readonly #buffers: readonly [RowBuffer, RowBuffer];
  #active = 0;
  #cells: Uint32Array;
  #statistics: Float64Array;
  #sequence = 0;
  #startNs = Number.NaN;
  /** The first whole second that has not been reached. */
  #nextSecondNs = Number.NEGATIVE_INFINITY;
  /** T0 and T1 end a row only beyond this. */
  #passedNs = Number.NEGATIVE_INFINITY;
  #t0Ns = Number.POSITIVE_INFINITY;
  #t1Ns = Number.POSITIVE_INFINITY;
  /** Where the current row ends: kept, so that an operation has one comparison to make. */
  #endNs = Number.NEGATIVE_INFINITY;

  constructor(phase: number, layout: SeriesLayout, shared: SharedRecorder, times: PhaseTimes) {
    const memory = shared.phases[phase]!;
    this.#phase = phase;
    this.#layout = layout;
    this.#openSlots = new OpenSlots(layout, shared);
    this.#phaseTimes = times;
    this.live = new Float64Array(memory.live);
    this.#cellBase = Float64Array.from(layout.histograms, (series) => series.cellBase);
    this.#unitsPerNs = Float64Array.from(layout.histograms, (series) => 1 / series.layout.unitNs);
    this.#cellCount = Float64Array.from(layout.histograms, (series) => series.layout.cellCount);
    this.#control = new Int32Array(memory.control);
    this.#liveTimes = new Float64Array(memory.times);
    this.#buffers = [rowBuffer(memory.buffers[0]), rowBuffer(memory.buffers[1])];
    this.#cells = this.#buffers[0].cells;
    this.#statistics = this.#buffers[0].statistics;
    Atomics.store(this.#control, CONTROL.states, BUFFER_STATE.writing);
  }

  /** Counts one value of a histogram into the current row. */
  record(histogram: number, valueNs: number): void {
    const value = Math.floor(valueNs + 0.5);
    if (!Number.isFinite(value)) throw notANumber(this.#layout, histogram);
    const units = value * this.#unitsPerNs[histogram]!;
    const cell = cellOfUnits(units, this.#cellCount[histogram]!);
    this.#cells[this.#cellBase[histogram]! + cell]!++;
    const statistics = this.#statistics;
    const at = histogram * STATISTIC.count;
    statistics[at + STATISTIC.sum]! += value;
    if (value < statistics[at + STATISTIC.min]!) statistics[at + STATISTIC.min] = value;
    if (value > statistics[at + STATISTIC.max]!) statistics[at + STATISTIC.max] = value;
  }

  /** To be told as soon as they are known, which is before they come; Infinity until then. */
  boundariesKnown(t0Ns: number, t1Ns: number): void {
    this.#t0Ns = t0Ns;
    this.#t1Ns = t1Ns;
    this.#endNs = this.#rowEndNs();
  }

  /** An operation ended: publishes the row if that was beyond it, and notes the last end. */
  operationEnded(doneNs: number): void {
    this.#passIfOver(doneNs, true);
    if (doneNs < this.fromNs) this.live[this.#layout.lateRecords]!++;
    const lastDoneNs = this.#liveTimes[LIVE_TIME.lastDoneNs]!;
    if (doneNs > lastDoneNs) this.#liveTimes[LIVE_TIME.lastDoneNs] = doneNs;
  }

  /** Publishes the row if `nowNs` is beyond it, so that a worker without answers has rows too. */
  turn(nowNs: number): void {
    this.#passIfOver(nowNs, false);
  }

  /** Publishes what there is as the last row. */
  close(nowNs: number): void {
    this.turn(nowNs);
    const counted = this.live.some((count) => count !== 0);
    if (Number.isNaN(this.fromNs) && counted) this.fromNs = nowNs;
    if (!Number.isNaN(this.fromNs)) this.#publish(Math.max(nowNs, this.fromNs), true);
    Atomics.store(this.#control, CONTROL.closed, 1);
  }

  #rowEndNs(): number {
    let endNs = this.#nextSecondNs;
    for (const boundaryNs of [this.#t0Ns, this.#t1Ns]) {
      if (boundaryNs < endNs && boundaryNs > this.#passedNs) endNs = boundaryNs;
    }
    return endNs;
  }

  #passIfOver(atNs: number, recording: boolean): void {
    if (atNs >= this.#endNs) this.#pass(atNs, recording);
  }

  #pass(atNs: number, recording: boolean): void {
    if (Number.isNaN(this.fromNs) && !this.#begin(atNs, recording)) return;
    const endNs = this.#endNs;
    if (atNs < endNs) return;
    const other = 1 - this.#active;
    if (Atomics.load(this.#control, CONTROL.states + other) === BUFFER_STATE.free) {
      Atomics.store(this.#control, CONTROL.states + other, BUFFER_STATE.writing);
      this.#publish(endNs, false);
      this.#active = other;
      this.#cells = this.#buffers[other]!.cells;
      this.#statistics = this.#buffers[other]!.statistics;
      this.fromNs = endNs;
    }
    // The row that goes on holds what happens at `atNs`, so no instant before it may end it.
    this.#passedNs = atNs;
    this.#nextSecondNs = this.#secondAfter(atNs);
    this.#endNs = this.#rowEndNs();
  }

  /** False while the phase has not begun, or where there is none. */
  #begin(atNs: number, recording: boolean): boolean {
    const startNs = this.#phaseTimes.phaseStartNs(this.#phase);
    const noWarmup = this.#phase === WARMUP && startNs >= this.#t0Ns;
    if (!recording && (atNs < startNs || noWarmup)) return false;
    if (!Number.isFinite(startNs)) {
      throw new LoadgenError('BUG', { reason: 'an operation was recorded before its phase began' });
    }
    this.#startNs = startNs;
    this.fromNs = startNs;
    this.#passedNs = startNs;
    this.#nextSecondNs = startNs + NS_PER_SECOND;
    this.#endNs = this.#rowEndNs();
    return true;
  }

  #secondAfter(atNs: number): number {
    let second = Math.floor((atNs - this.#startNs) / NS_PER_SECOND) + 1;
    // The division may round to just below a whole second that has been reached.
    while (this.#startNs + second * NS_PER_SECOND <= atNs) second++;
    return this.#startNs + second * NS_PER_SECOND;
  }

  #publish(toNs: number, last: boolean): void {
    // Counted where it stands, and not as begun less ended: so that the account can fail.
    this.#openSlots.setLevels(this.#phase, this.live);
    const { header } = this.#buffers[this.#active]!;
    header[HEADER.fromNs] = this.fromNs;
    header[HEADER.toNs] = toNs;
    header[HEADER.sequence] = this.#sequence++;
    header[HEADER.last] = last ? 1 : 0;
    header.set(this.live, HEADER.count);
    Atomics.store(this.#control, CONTROL.states + this.#active, BUFFER_STATE.ready);
  }
}

interface RowBuffer {
  readonly header: Float64Array;
  readonly statistics: Float64Array;
  readonly cells: Uint32Array;
}

function rowBuffer(shared: SharedBuffer): RowBuffer {
  return {
    header: new Float64Array(shared.header),
    statistics: new Float64Array(shared.statistics),
    cells: new Uint32Array(shared.cells),
  };
}

function notANumber(layout: SeriesLayout, histogram: number): LoadgenError {
  const { name } = layout.histograms[histogram]!.declaration;
  return new LoadgenError('BUG', { reason: `a value of ${name} is not a finite number` });
}

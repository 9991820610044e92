import { IntervalData } from './interval-data.ts';
import type { SeriesLayout } from './series-layout.ts';
import {
  BUFFER_STATE,
  clearStatistics,
  CONTROL,
  HEADER,
  LIVE_TIME,
  STATISTIC,
  type SharedBuffer,
  type SharedPhase,
} from './shared-recorder.ts';

/** One published row of one worker. */
export interface WorkerRow {
  /** -Infinity for that of a worker which died before its first row. */
  readonly fromNs: number;
  readonly toNs: number;
  /** The worker's last row in this phase: it may end anywhere. */
  readonly last: boolean;
  readonly data: IntervalData;
  /** Counters and levels at its end, cumulative. */
  readonly totals: Float64Array;
}

/** The runner's side of one phase of one worker: takes the rows that the worker has published. */
export class PhaseReader {
  readonly #layout: SeriesLayout;
  readonly #shared: SharedPhase;
  readonly #control: Int32Array;
  readonly #live: Float64Array;
  readonly #liveTimes: Float64Array;
  /** Totals at the end of the row before, and when that was. */
  #totals: Float64Array;
  #endNs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(layout: SeriesLayout, shared: SharedPhase) {
    this.#layout = layout;
    this.#shared = shared;
    this.#control = new Int32Array(shared.control);
    this.#live = new Float64Array(shared.live);
    this.#liveTimes = new Float64Array(shared.times);
    this.#totals = new Float64Array(layout.counters.length);
  }

  /** True when the worker has published its last row, or was closed; not whether it was read. */
  get closed(): boolean {
    return this.#closed || Atomics.load(this.#control, CONTROL.closed) === 1;
  }

  /** Counters and levels as they stand now; the levels of slots are those of the last row. */
  get live(): Float64Array {
    return this.#live;
  }

  get lastDoneNs(): number {
    return this.#liveTimes[LIVE_TIME.lastDoneNs]!;
  }

  /** The rows that are ready, in order; their buffers are free again. */
  take(): WorkerRow[] {
    return this.#inState(BUFFER_STATE.ready).map((buffer) => {
      Atomics.store(this.#control, CONTROL.states + buffer, BUFFER_STATE.reading);
      const row = this.#read(this.#shared.buffers[buffer]!);
      Atomics.store(this.#control, CONTROL.states + buffer, BUFFER_STATE.free);
      return row;
    });
  }

  /**
   * The last row of a worker that has died, in place of the one it did not publish: what its
   * buffers still hold, and its live counters after `settle` has closed the account in them. Rows
   * that are ready must have been taken.
   */
  takeUnpublished(settle: (live: Float64Array) => void): WorkerRow | undefined {
    this.#closed = true;
    settle(this.#live);
    const data = new IntervalData(this.#layout);
    for (const buffer of this.#inState(BUFFER_STATE.writing)) {
      this.#takeHistograms(this.#shared.buffers[buffer]!, data);
    }
    const counted = this.#live.some((count, index) => count !== this.#totals[index]);
    if (!counted && data.histograms.every((histogram) => histogram === undefined)) return undefined;
    return this.#row(data, this.#live, { fromNs: this.#endNs, toNs: this.#endNs, last: true });
  }

  #inState(state: number): number[] {
    const inState = [0, 1].filter(
      (buffer) => Atomics.load(this.#control, CONTROL.states + buffer) === state,
    );
    return inState.toSorted((a, b) => this.#sequence(a) - this.#sequence(b));
  }

  #sequence(buffer: number): number {
    return new Float64Array(this.#shared.buffers[buffer]!.header)[HEADER.sequence]!;
  }

  #read(buffer: SharedBuffer): WorkerRow {
    const header = new Float64Array(buffer.header);
    const data = new IntervalData(this.#layout);
    this.#takeHistograms(buffer, data);
    return this.#row(data, header.subarray(HEADER.count), {
      fromNs: header[HEADER.fromNs]!,
      toNs: header[HEADER.toNs]!,
      last: header[HEADER.last] === 1,
    });
  }

  #row(
    data: IntervalData,
    cumulative: Float64Array,
    times: { fromNs: number; toNs: number; last: boolean },
  ): WorkerRow {
    const totals = cumulative.slice();
    this.#layout.counters.forEach(({ declaration }, index) => {
      const before = declaration.kind === 'gauge' ? 0 : this.#totals[index]!;
      data.counters[index] = totals[index]! - before;
    });
    this.#totals = totals;
    this.#endNs = times.toNs;
    return { ...times, data, totals };
  }

  /** Moves what the buffer's histograms hold into `data`; reads and clears only what was used. */
  #takeHistograms(buffer: SharedBuffer, data: IntervalData): void {
    const statistics = new Float64Array(buffer.statistics);
    const cells = new Uint32Array(buffer.cells);
    this.#layout.histograms.forEach(({ cellBase }, index) => {
      const at = index * STATISTIC.count;
      const min = statistics[at + STATISTIC.min]!;
      const max = statistics[at + STATISTIC.max]!;
      if (min > max) return;
      const sum = statistics[at + STATISTIC.sum]!;
      data.histogram(index).takeCells(cells, cellBase, { sum, min, max });
    });
    clearStatistics(statistics);
  }
}

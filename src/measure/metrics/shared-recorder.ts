import type { SeriesLayout } from './series-layout.ts';

/**
 * All that one worker records, in memory that it shares with the runner: plain data, to be handed
 * over at the start of a trial. The worker writes through `WorkerRecorder`, the runner reads
 * through `IntervalCollector`; nothing is sent while load runs.
 */
export interface SharedRecorder {
  /** Places in `operationStates` and `iterationStates` for each flow. */
  readonly slotCount: number;
  /** A byte for each flow and slot: 0 none, 1 warm-up, 2 measured. Open when not 0. */
  readonly operationStates: SharedArrayBuffer;
  readonly iterationStates: SharedArrayBuffer;
  /** By phase: WARMUP, MEASURE. */
  readonly phases: readonly [SharedPhase, SharedPhase];
}

export interface SharedPhase {
  /** Float64: cumulative counters and levels of gauges, by their index in the layout. */
  readonly live: SharedArrayBuffer;
  /** Float64: see LIVE_TIME. */
  readonly times: SharedArrayBuffer;
  /** Int32: see CONTROL. */
  readonly control: SharedArrayBuffer;
  readonly buffers: readonly [SharedBuffer, SharedBuffer];
}

/** One interval of one worker. */
export interface SharedBuffer {
  /** Float64: HEADER, then a copy of `live` at the end of the interval. */
  readonly header: SharedArrayBuffer;
  /** Float64: STATISTIC for each histogram. */
  readonly statistics: SharedArrayBuffer;
  /** Uint32: the cells of all histograms. */
  readonly cells: SharedArrayBuffer;
}

/** A buffer's way: the worker takes FREE → WRITING → READY, the runner READY → READING → FREE. */
export const BUFFER_STATE = { free: 0, writing: 1, ready: 2, reading: 3 } as const;

export const CONTROL = {
  /** Two words, the state of each buffer. */
  states: 0,
  /** 1 when the worker has published its last row. */
  closed: 2,
  count: 3,
} as const;

/** `lastDoneNs`: when the last operation ended, 0 before. */
export const LIVE_TIME = { lastDoneNs: 0, count: 1 } as const;

/** `last` is 1 in the row with which a worker closed the phase. */
export const HEADER = { fromNs: 0, toNs: 1, sequence: 2, last: 3, count: 4 } as const;

/** Sum, smallest and largest are exact; the count is the sum of the cells. */
export const STATISTIC = { sum: 0, min: 1, max: 2, count: 3 } as const;

/** Memory for one worker with `slotCount` slots. Pages that are never touched cost nothing. */
export function allocateRecorder(layout: SeriesLayout, slotCount: number): SharedRecorder {
  const slotBytes = layout.flows.length * slotCount;
  return {
    slotCount,
    operationStates: new SharedArrayBuffer(slotBytes),
    iterationStates: new SharedArrayBuffer(slotBytes),
    phases: [allocatePhase(layout), allocatePhase(layout)],
  };
}

/** What `allocateRecorder` asks for, for all workers together, in bytes. */
export function memoryBytes(layout: SeriesLayout, slotCount: number, workers: number): number {
  const live = layout.counters.length * 8;
  const buffer =
    live + (HEADER.count + layout.histograms.length * STATISTIC.count) * 8 + layout.cellCount * 4;
  const phase = live + LIVE_TIME.count * 8 + CONTROL.count * 4 + 2 * buffer;
  return workers * (2 * layout.flows.length * slotCount + 2 * phase);
}

function allocatePhase(layout: SeriesLayout): SharedPhase {
  return {
    live: new SharedArrayBuffer(layout.counters.length * 8),
    times: new SharedArrayBuffer(LIVE_TIME.count * 8),
    control: new SharedArrayBuffer(CONTROL.count * 4),
    buffers: [allocateBuffer(layout), allocateBuffer(layout)],
  };
}

function allocateBuffer(layout: SeriesLayout): SharedBuffer {
  const header = HEADER.count + layout.counters.length;
  const buffer = {
    header: new SharedArrayBuffer(header * 8),
    statistics: new SharedArrayBuffer(layout.histograms.length * STATISTIC.count * 8),
    cells: new SharedArrayBuffer(layout.cellCount * 4),
  };
  clearStatistics(new Float64Array(buffer.statistics));
  return buffer;
}

/** To what they are before a first sample. */
export function clearStatistics(statistics: Float64Array): void {
  for (let at = 0; at < statistics.length; at += STATISTIC.count) {
    statistics[at + STATISTIC.sum] = 0;
    statistics[at + STATISTIC.min] = Number.POSITIVE_INFINITY;
    statistics[at + STATISTIC.max] = Number.NEGATIVE_INFINITY;
  }
}

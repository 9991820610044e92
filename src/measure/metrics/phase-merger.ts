import type { PhaseReader, WorkerRow } from './phase-reader.ts';

/** The rows of all workers that lie between two instants at which every one of them has an edge. */
export interface MergedRows {
  /** Both are Infinity when all workers died before the first row. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly rows: readonly { readonly worker: number; readonly row: WorkerRow }[];
}

/**
 * Puts the rows of one phase together. Rows end at the same instants on all workers (whole seconds,
 * T0, T1), but a worker whose buffers were not free in time has a row over several of them: then
 * the others' rows are joined up to its end. A worker's last row may end anywhere, and a dead one's
 * has no length: it belongs to the joined row in which it begins, which reaches as far.
 */
export class PhaseMerger {
  readonly #workers: readonly WorkerQueue[];
  /** Where the rows merged so far end. */
  #cursorNs = Number.NaN;

  constructor(readers: readonly PhaseReader[]) {
    this.#workers = readers.map((reader) => ({ reader, rows: [], complete: false }));
  }

  /** What has become complete since the call before. */
  *take(): Generator<MergedRows> {
    for (const worker of this.#workers) takeRows(worker);
    for (let edge = this.#nextEdge(); edge !== undefined; edge = this.#nextEdge()) {
      yield this.#mergeTo(edge);
    }
  }

  /** Takes what a dead worker left; `settle` closes the account in its live counters. */
  closeLost(worker: number, settle: (live: Float64Array) => void): void {
    const queue = this.#workers[worker]!;
    takeRows(queue);
    const row = queue.reader.takeUnpublished(settle);
    if (row !== undefined) queue.rows.push(row);
  }

  #nextEdge(): number | undefined {
    const ends = this.#workers.flatMap(({ rows }) =>
      rows.filter(({ last }) => !last).map(({ toNs }) => toNs),
    );
    const edge = [...new Set(ends)]
      .toSorted((a, b) => a - b)
      .find((end) => this.#workers.every((worker) => reaches(worker, end)));
    if (edge !== undefined) return edge;
    const rest = this.#workers.some(({ rows }) => rows.length > 0);
    const complete = this.#workers.every((worker) => worker.complete);
    return rest && complete ? Number.POSITIVE_INFINITY : undefined;
  }

  #mergeTo(edgeNs: number): MergedRows {
    const rows = this.#workers.flatMap((queue, worker) => {
      const found = queue.rows.findIndex((row) => !belongs(row, edgeNs));
      const taken = queue.rows.splice(0, found === -1 ? queue.rows.length : found);
      return taken.map((row) => ({ worker, row }));
    });
    const begins = rows.map(({ row }) => row.fromNs).filter(Number.isFinite);
    const fromNs = Number.isNaN(this.#cursorNs) ? Math.min(...begins) : this.#cursorNs;
    const ends = rows.map(({ row }) => row.toNs);
    const toNs = Number.isFinite(edgeNs) ? edgeNs : Math.max(fromNs, ...ends);
    this.#cursorNs = toNs;
    return { fromNs, toNs, rows };
  }
}

interface WorkerQueue {
  readonly reader: PhaseReader;
  readonly rows: WorkerRow[];
  /** Nothing more will come from it. */
  complete: boolean;
}

function takeRows(worker: WorkerQueue): void {
  // Asked before the rows are taken: a row published between the two would else be missed.
  const { closed } = worker.reader;
  worker.rows.push(...worker.reader.take());
  worker.complete = closed;
}

function reaches({ rows, complete }: WorkerQueue, edgeNs: number): boolean {
  if (rows.some(({ last, toNs }) => !last && toNs === edgeNs)) return true;
  const end = rows.findLast(({ last }) => !last)?.toNs ?? Number.NEGATIVE_INFINITY;
  const goesOn = rows.some((row) => row.last && row.fromNs < edgeNs && row.toNs > edgeNs);
  return complete && edgeNs > end && !goesOn;
}

function belongs(row: WorkerRow, edgeNs: number): boolean {
  return row.last ? row.fromNs < edgeNs : row.toNs <= edgeNs;
}

import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

export interface LogEntry {
  readonly sequence: number;
  readonly arrivalNs: number;
  readonly dueNs: number;
  /** NaN while there is no answer, and for ever when there never was one. */
  readonly departureNs: number;
  /** 0 where no status line was sent. */
  readonly status: number;
  readonly path: string;
  /** What the client called it, where it said so. */
  readonly mark: Mark | null;
}

/** The client's own name of a request, out of its header `x-operation: LANE/ITERATION`. */
export interface Mark {
  /** Which kind of request it is to the client; from 0. */
  readonly lane: number;
  readonly iteration: number;
}

/** Lanes from here on are not logged: this one stands for a request without a mark. */
export const noLane = 65_535;

/** Rows beyond this are counted and not kept: about 200 MB of memory when full. */
export const mostLogRows = 5_000_000;
/** Paths beyond this are logged as `otherPaths`. */
const mostPaths = 1_000;
const otherPaths = '(other)';

const rowsPerBlock = 65_536;
const rowsPerPiece = 4_096;

/** Rows are added block by block: growing one large array would copy it, and stall, while serving. */
interface Block {
  readonly arrivalNs: Float64Array;
  readonly dueNs: Float64Array;
  readonly departureNs: Float64Array;
  readonly status: Uint16Array;
  readonly path: Uint16Array;
  readonly lane: Uint16Array;
  readonly iteration: Float64Array;
}

type OpenedRow = Pick<LogEntry, 'arrivalNs' | 'dueNs' | 'path' | 'mark'>;

/** What happened to every request, in order of arrival: the row number is the sequence number. */
export class RequestLog {
  readonly #most: number;
  readonly #blocks: Block[] = [createBlock()];
  readonly #paths: string[] = [otherPaths];
  readonly #pathNumbers = new Map<string, number>();
  #rows = 0;
  #dropped = 0;

  constructor(most: number = mostLogRows) {
    this.#most = most;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Requests that came when the log was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Opens the row of a request that has just arrived; returns its number, or -1 when full. */
  open({ arrivalNs, dueNs, path, mark }: OpenedRow): number {
    if (this.#rows >= this.#most) {
      this.#dropped++;
      return -1;
    }
    const row = this.#rows++;
    const at = row % rowsPerBlock;
    if (at === 0 && row > 0) this.#blocks.push(createBlock());
    const block = this.#blocks.at(-1)!;
    block.arrivalNs[at] = arrivalNs;
    block.dueNs[at] = dueNs;
    block.departureNs[at] = NaN;
    block.path[at] = this.#pathNumber(path);
    block.lane[at] = mark?.lane ?? noLane;
    block.iteration[at] = mark?.iteration ?? 0;
    return row;
  }

  /** Completes a row that `open` gave out; -1 is ignored. */
  complete(row: number, departureNs: number, status: number): void {
    if (row === -1) return;
    const block = this.#blocks[Math.floor(row / rowsPerBlock)]!;
    block.departureNs[row % rowsPerBlock] = departureNs;
    block.status[row % rowsPerBlock] = status;
  }

  entry(row: number): LogEntry {
    const block = this.#blocks[Math.floor(row / rowsPerBlock)]!;
    const at = row % rowsPerBlock;
    return {
      sequence: row,
      arrivalNs: block.arrivalNs[at]!,
      dueNs: block.dueNs[at]!,
      departureNs: block.departureNs[at]!,
      status: block.status[at]!,
      path: this.#paths[block.path[at]!]!,
      mark:
        block.lane[at] === noLane
          ? null
          : { lane: block.lane[at]!, iteration: block.iteration[at]! },
    };
  }

  *entries(): Generator<LogEntry> {
    for (let row = 0, rows = this.#rows; row < rows; row++) yield this.entry(row);
  }

  /** The log as CSV in pieces of a few hundred kilobytes; moments are whole nanoseconds. */
  *csvPieces(): Generator<string> {
    yield 'sequence,arrival_ns,due_ns,departure_ns,status,path,lane,iteration\n';
    let lines: string[] = [];
    for (const entry of this.entries()) {
      const departure = Number.isNaN(entry.departureNs) ? '' : String(entry.departureNs);
      lines.push(
        `${entry.sequence},${entry.arrivalNs},${entry.dueNs},${departure},${entry.status},` +
          `${csvField(entry.path)},${entry.mark?.lane ?? ''},${entry.mark?.iteration ?? ''}\n`,
      );
      if (lines.length < rowsPerPiece) continue;
      yield lines.join('');
      lines = [];
    }
    yield lines.join('');
  }

  /** Writes the CSV under a temporary name first, so that whoever sees the file sees all of it. */
  writeFile(file: string): void {
    const temporaryFile = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(temporaryFile, 'w');
    try {
      for (const piece of this.csvPieces()) writeSync(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporaryFile, file);
  }

  #pathNumber(path: string): number {
    const known = this.#pathNumbers.get(path);
    if (known !== undefined) return known;
    if (this.#paths.length > mostPaths) return 0;
    this.#pathNumbers.set(path, this.#paths.length);
    return this.#paths.push(path) - 1;
  }
}

function createBlock(): Block {
  return {
    arrivalNs: new Float64Array(rowsPerBlock),
    dueNs: new Float64Array(rowsPerBlock),
    departureNs: new Float64Array(rowsPerBlock),
    status: new Uint16Array(rowsPerBlock),
    path: new Uint16Array(rowsPerBlock),
    lane: new Uint16Array(rowsPerBlock),
    iteration: new Float64Array(rowsPerBlock),
  };
}

function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

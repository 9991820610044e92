import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from '../../measure/metrics/histogram.ts';
import { PHASES, type Phase } from '../../measure/metrics/outcome.ts';
import { readLines } from '../read/read-lines.ts';
import type { IntervalRow } from '../schema/interval-row.ts';
import { parseSeriesName } from '../series-name.ts';
import { TRIAL_FILES } from '../trial-files.ts';
import type { ReadShard } from './read-shards.ts';

/** Lines of a histogram log, by the row that they belong to; decoded when they are asked for. */
export class RowHistograms {
  readonly #lines: ReadonlyMap<IntervalRow, readonly string[]>;
  readonly #path: string;

  constructor({ folder, meta, rows }: ReadShard) {
    this.#path = join(folder, TRIAL_FILES.histograms);
    this.#lines = existsSync(this.#path) ? linesByRow(this.#path, meta.startedAt, rows) : new Map();
  }

  async of(row: IntervalRow): Promise<readonly { series: string; histogram: Histogram }[]> {
    const lines = this.#lines.get(row) ?? [];
    if (lines.length === 0) return [];
    const { readIntervalLog } = await import('../../measure/metrics/read-interval-log.ts');
    const entries = readIntervalLog(lines.map((line) => `${line}\n`).join(''), this.#path);
    return entries.map(({ tag, histogram }) => ({ series: tag, histogram }));
  }
}

/** Starts and lengths are rounded to milliseconds in the log, and the starts in the rows too. */
const ROUNDING_MS = 4;

/** A row is written after its histograms: lines at the end that have no row are of a kill. */
function linesByRow(
  path: string,
  startedAt: string,
  rows: readonly IntervalRow[],
): Map<IntervalRow, string[]> {
  const byRow = new Map<IntervalRow, string[]>();
  const startMs = Date.parse(startedAt);
  const phases = new Map(
    PHASES.map((phase) => [phase, { rows: rows.filter((row) => row.phase === phase), at: 0 }]),
  );
  for (const line of readLines(path)) {
    const [, tag, start, length] = /^Tag=([^,]+),([^,]+),([^,]+),/.exec(line) ?? [];
    const phase = parseSeriesName(tag ?? '')?.tags['phase'];
    if (phase === undefined) continue;
    const atMs = startMs + Number(start) * 1_000;
    const distance = (row: IntervalRow): number =>
      Math.abs(Date.parse(row.startedAt) - atMs) +
      Math.abs(row.durationNs / 1e6 - Number(length) * 1_000);
    const ofPhase = phases.get(phase as Phase)!;
    // Rows and lines are in one order, so that the search goes on from the row before.
    while (ofPhase.rows.length > ofPhase.at + 1) {
      const [here, next] = [ofPhase.rows[ofPhase.at]!, ofPhase.rows[ofPhase.at + 1]!];
      if (distance(next) >= distance(here)) break;
      ofPhase.at++;
    }
    const nearest = ofPhase.rows[ofPhase.at];
    if (nearest === undefined || distance(nearest) > ROUNDING_MS) continue;
    const lines = byRow.get(nearest) ?? [];
    lines.push(line);
    byRow.set(nearest, lines);
  }
  return byRow;
}

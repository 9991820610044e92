import type { IntervalRow } from '../schema/interval-row.ts';
import { intervalRowSchema } from '../schema/interval-row.ts';
import { readLines } from './read-lines.ts';

/** The rows of an `intervals.ndjson`; a line that was torn by a kill ends them. */
export function* readIntervalRows(path: string): Generator<IntervalRow> {
  for (const line of readLines(path)) {
    const row = parsedRow(line);
    if (row === undefined) return;
    yield row;
  }
}

function parsedRow(line: string): IntervalRow | undefined {
  try {
    return intervalRowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

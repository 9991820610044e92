/**
 * The raw sample log and the cells of a histogram, read as docs/shards.md and HdrHistogram's paper
 * describe them and with no code of loadgen, so that neither its writer nor its reader is believed.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record of the log, by the names of its first line. */
export type RawSample = Readonly<Record<'phase' | 'outcome' | 'step', string>> &
  Readonly<Record<'iteration' | StampName, number>>;

type StampName = 'intended' | 'picked' | 'acquired' | 'granted' | 'sent' | 'done' | 'free';

interface FirstLine {
  readonly schema: string;
  readonly lanes: readonly { readonly step: string }[];
  readonly phases: readonly string[];
  readonly outcomes: readonly string[];
  readonly fields: readonly string[];
}

export function readRawLogs(trial: string): RawSample[] {
  return globSync('samples-*.bin', { cwd: trial }).flatMap((name) => readLog(join(trial, name)));
}

function readLog(file: string): RawSample[] {
  const bytes = new Uint8Array(readFileSync(file)).buffer;
  const newline = new Uint8Array(bytes).indexOf(10);
  const first = JSON.parse(new TextDecoder().decode(bytes.slice(0, newline))) as FirstLine;
  if (first.schema !== 'loadgen/samples@1') throw new Error(`${file} is a ${first.schema}`);
  if ((newline + 1) % 8 !== 0) throw new Error(`the first line of ${file} is not padded`);
  const values = new DataView(bytes, newline + 1);
  const width = first.fields.length;
  const samples: RawSample[] = [];
  // Of a process that was killed the last record may be torn.
  const count = Math.floor(values.byteLength / (8 * width));
  for (let record = 0; record < count; record++) {
    const at = (field: string): number => {
      return values.getFloat64((record * width + first.fields.indexOf(field)) * 8, true);
    };
    const fields = Object.fromEntries(first.fields.map((field) => [field, at(field)]));
    samples.push({
      ...(fields as unknown as RawSample),
      phase: first.phases[at('phase')]!,
      outcome: first.outcomes[at('outcome')]!,
      step: first.lanes[at('lane')]!.step,
    });
  }
  return samples;
}

export type Cells = ReadonlyMap<number, number>;

/** How many of the values lie in each cell of an HdrHistogram of three significant digits. */
export function countCells(values: readonly number[], resolution: 'fine' | 'standard'): Cells {
  const unitNs = resolution === 'fine' ? 16 : 512;
  const cells = new Map<number, number>();
  for (const value of values) {
    const units = Math.floor(Math.max(0, Math.round(value)) / unitNs);
    // 2,048 cells of one unit; after them 1,024 for each doubling, each as wide as the doubling.
    let width = 1;
    let before = 0;
    while (units >= 2048 * width) {
      width *= 2;
      before += 1024;
    }
    const cell = before + Math.floor(units / width);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return cells;
}

/** What a histogram of that metric counts of a record; undefined for what stamps do not tell. */
export const VALUE_OF: Readonly<Record<string, (sample: RawSample) => number>> = {
  response_time: ({ done, intended }) => done - intended,
  service_time: ({ done, sent }) => done - sent,
  write_lag: ({ sent, granted }) => sent - granted,
  send_lag: ({ sent, intended }) => sent - intended,
  receive_error: ({ done, free, sent }) => Math.min(done - free, done - sent),
  'slot_wait:cap': ({ acquired, picked }) => acquired - picked,
  'slot_wait:connect': ({ granted, acquired }) => granted - acquired,
};

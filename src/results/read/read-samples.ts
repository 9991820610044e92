import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { SAMPLE_FIELDS } from '../../measure/metrics/sample-ring.ts';
import { sampleFileName } from '../trial-files.ts';
import { SAMPLES_SCHEMA, samplesHeaderSchema, type SamplesHeader } from '../schema/samples.ts';

/** One operation of the raw log; `lane`, `phase` and `outcome` are indexes, times are clock ns. */
export type RawSample = Readonly<Record<(typeof SAMPLE_FIELDS)[number], number>>;

export interface ValuedSample extends RawSample {
  /** Of its driver and step, by the names of the metrics; NaN where there was none. */
  readonly values: Readonly<Record<string, number>>;
}

/** Where the times of a trial's raw logs have their zero on CLOCK_MONOTONIC, in ns. */
export function samplesOriginNs(trialFolder: string): number {
  const bytes = readFileSync(join(trialFolder, sampleFileName(0)));
  return headerOf(bytes.toString('utf8', 0, bytes.indexOf('\n') + 1)).clockOriginNs;
}

/** The raw logs of all workers of a trial. Throws RESULT_NOT_READABLE. */
export function readSamples(trialFolder: string): ValuedSample[] {
  const names = readdirSync(trialFolder).filter((name) => /^samples-\d+\.bin$/.test(name));
  return names.flatMap((name) => {
    const path = join(trialFolder, name);
    try {
      return [...recordsOf(readFileSync(path))];
    } catch (thrown) {
      throw new LoadgenError('RESULT_NOT_READABLE', { path, reason: reasonOf(thrown) });
    }
  });
}

function* recordsOf(bytes: Buffer): Generator<ValuedSample> {
  const headEnd = bytes.indexOf('\n') + 1;
  const { fields, lanes } = headerOf(bytes.toString('utf8', 0, headEnd));
  const size = fields.length * Float64Array.BYTES_PER_ELEMENT;
  // A torn last record is of a process that was killed.
  for (let at = headEnd; at + size <= bytes.length; at += size) {
    const record: Record<string, number> = {};
    fields.forEach((field, index) => {
      record[field] = bytes.readDoubleLE(at + index * Float64Array.BYTES_PER_ELEMENT);
    });
    const { values: names } = lanes[record['lane']!]!;
    const values = Object.fromEntries(names.map((name, n) => [name, record[`value${n}`]!]));
    yield { ...(record as RawSample), values };
  }
}

function headerOf(line: string): SamplesHeader {
  const header = samplesHeaderSchema.parse(JSON.parse(line));
  const lacking = SAMPLE_FIELDS.filter((field) => !header.fields.includes(field));
  if (lacking.length === 0) return header;
  throw new Error(`${SAMPLES_SCHEMA} without ${lacking.join(', ')}`);
}

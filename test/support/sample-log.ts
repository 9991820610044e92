import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One operation of the raw log, by the names in its header. */
export interface Sample {
  readonly step: string;
  readonly flow: string;
  readonly phase: string;
  readonly outcome: string;
  readonly iteration: number;
  readonly intended: number;
  readonly picked: number;
  readonly acquired: number;
  readonly granted: number;
  readonly sent: number;
  readonly done: number;
  readonly free: number;
}

interface Header {
  readonly lanes: readonly { flow: string; step: string }[];
  readonly phases: readonly string[];
  readonly outcomes: readonly string[];
  readonly fields: readonly string[];
}

/** Reads the logs of all workers of a trial as docs/shards.md describes them. */
export function readSamples(trialFolder: string): Sample[] {
  const names = readdirSync(trialFolder).filter((name) => /^samples-\d+\.bin$/.test(name));
  return names.flatMap((name) => samplesOf(readFileSync(join(trialFolder, name))));
}

function samplesOf(bytes: Buffer): Sample[] {
  const headEnd = bytes.indexOf('\n') + 1;
  const header = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Header;
  const size = header.fields.length * 8;
  const samples: Sample[] = [];
  for (let at = headEnd; at + size <= bytes.length; at += size) {
    const values = header.fields.map((_, index) => bytes.readDoubleLE(at + index * 8));
    const record = Object.fromEntries(header.fields.map((field, index) => [field, values[index]!]));
    samples.push({
      ...(record as unknown as Sample),
      ...header.lanes[record['lane']!]!,
      phase: header.phases[record['phase']!]!,
      outcome: header.outcomes[record['outcome']!]!,
    });
  }
  return samples;
}

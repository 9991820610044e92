import { join } from 'node:path';
import { clockOriginNs } from '../../base/time/clock.ts';
import { OUTCOMES, PHASES } from '../../measure/metrics/outcome.ts';
import { SAMPLE_FIELDS } from '../../measure/metrics/sample-ring.ts';
import { SAMPLES_SCHEMA, type SamplesHeader } from '../schema/samples.ts';
import { sampleFileName } from '../trial-files.ts';
import { AppendFile } from './append-file.ts';

/** Records begin at a multiple of it, so that a reader can lay an array of doubles over them. */
const ALIGNED_BYTES = 8;

/** The raw sample log: a file for each worker, which only grows. */
export class SampleLog {
  readonly #files: readonly AppendFile[];
  readonly #recordBytes: number;
  /** Numbers behind the fields of each record: as many as the lane has that has most. */
  readonly values: number;
  recorded = 0;

  /** `lanes`: every step of every flow, in the order of the scenario. */
  constructor(folder: string, workers: number, lanes: SamplesHeader['lanes']) {
    this.values = Math.max(0, ...lanes.map(({ values }) => values.length));
    const fields = [...SAMPLE_FIELDS, ...Array.from({ length: this.values }, (_, n) => `value${n}`)];
    this.#recordBytes = fields.length * Float64Array.BYTES_PER_ELEMENT;
    this.#files = Array.from({ length: workers }, (_, worker) => {
      const file = new AppendFile(join(folder, sampleFileName(worker)));
      file.append(headerLine({ worker, lanes, fields }));
      return file;
    });
  }

  /** Throws RESULTS_NOT_WRITABLE. */
  append(worker: number, records: Uint8Array): void {
    this.#files[worker]!.append(records);
    this.recorded += records.length / this.#recordBytes;
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

function headerLine(about: Pick<SamplesHeader, 'worker' | 'lanes' | 'fields'>): string {
  const header = JSON.stringify({
    schema: SAMPLES_SCHEMA,
    ...about,
    clockOriginNs: clockOriginNs(),
    phases: [...PHASES],
    outcomes: [...OUTCOMES],
  } satisfies SamplesHeader);
  const length = Buffer.byteLength(header) + 1;
  const padding = (ALIGNED_BYTES - (length % ALIGNED_BYTES)) % ALIGNED_BYTES;
  return `${header}${' '.repeat(padding)}\n`;
}

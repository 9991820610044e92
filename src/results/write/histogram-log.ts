import { Histogram } from '../../measure/metrics/histogram.ts';
import type { SeriesRecord } from '../../measure/metrics/metric-store.ts';
import { seriesName } from '../series-name.ts';
import { AppendFile } from './append-file.ts';

type Codec = typeof import('../../measure/metrics/interval-log.ts');

interface Row {
  readonly records: readonly SeriesRecord[];
  /** When the interval began. */
  readonly wallMs: number;
  readonly durationNs: number;
}

/**
 * `histograms.hlog`: the interval log of HdrHistogram, a tag per series. Its library takes long to
 * load, which happens while the workers start; rows that are handed in before that wait for it.
 */
export class HistogramLog {
  readonly #file: AppendFile;
  readonly #startWallMs: number;
  readonly #loading: Promise<void>;
  #codec: Codec | undefined;
  #waiting: Row[] = [];

  constructor(path: string, startWallMs: number) {
    this.#file = new AppendFile(path);
    this.#startWallMs = startWallMs;
    this.#loading = import('../../measure/metrics/interval-log.ts').then((codec) => {
      this.#codec = codec;
    });
    // Whoever closes the log is told; until then nobody waits for it.
    this.#loading.catch(() => {});
  }

  /** Throws RESULTS_NOT_WRITABLE. */
  append(row: Row): void {
    this.#waiting.push(row);
    if (this.#codec !== undefined) this.#write(this.#codec);
  }

  async close(): Promise<void> {
    try {
      await this.#loading;
      this.#write(this.#codec!);
    } finally {
      this.#file.close();
    }
  }

  #write(codec: Codec): void {
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    const header = this.#file.isEmpty ? codec.intervalLogHeader(this.#startWallMs) : '';
    this.#file.append(header + rows.map((row) => this.#lines(codec, row)).join(''));
  }

  #lines(codec: Codec, { records, wallMs, durationNs }: Row): string {
    const startSeconds = (wallMs - this.#startWallMs) / 1_000;
    const lengthSeconds = durationNs / 1e9;
    return records
      .flatMap(({ metric, tags, histogram: record }) => {
        if (record === undefined || record.count === 0) return [];
        const histogram = Histogram.fromRecord(record);
        const tag = seriesName(metric, tags);
        return codec.intervalLogLine({ tag, startSeconds, lengthSeconds, histogram });
      })
      .join('');
  }
}

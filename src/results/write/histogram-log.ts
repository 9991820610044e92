import { giveWay } from '../../base/time/give-way.ts';
import { intervalLogHeader, intervalLogLine } from '../../measure/metrics/interval-log.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import { seriesName } from '../series-name.ts';
import { AppendFile } from './append-file.ts';

interface Row {
  readonly metrics: MetricStore;
  /** When the interval began. */
  readonly wallMs: number;
  readonly durationNs: number;
}

/** `histograms.hlog`: the interval log of HdrHistogram, a tag per series. */
export class HistogramLog {
  readonly #file: AppendFile;
  readonly #startWallMs: number;

  constructor(path: string, startWallMs: number) {
    this.#file = new AppendFile(path);
    this.#startWallMs = startWallMs;
  }

  /** Throws RESULTS_NOT_WRITABLE. */
  append({ metrics, wallMs, durationNs }: Row): void {
    const startSeconds = (wallMs - this.#startWallMs) / 1_000;
    const lengthSeconds = durationNs / 1e9;
    let lines = this.#file.isEmpty ? intervalLogHeader(this.#startWallMs) : '';
    for (const { head, histogram } of metrics.series()) {
      if (histogram === undefined || histogram.count === 0) continue;
      const tag = seriesName(head.metric, head.tags);
      giveWay();
      lines += intervalLogLine({ tag, startSeconds, lengthSeconds, histogram });
    }
    if (lines !== '') this.#file.append(lines);
  }

  close(): void {
    this.#file.close();
  }
}

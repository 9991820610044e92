import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { Interval } from '../metrics/interval.ts';
import type { HistogramView } from '../metrics/metric-source.ts';
import type { Histogram } from '../metrics/histogram.ts';
import { PackedHistogram } from '../metrics/packed-histogram.ts';
import type { MonitorSample } from '../monitors/trial-monitor.ts';
import {
  BAD_SECOND_SHARE,
  KEPT_BAD_SECONDS,
  LATE_SEND_NS,
  LATE_SEND_SHARE,
  LATE_SENDS_LEAST,
} from './limits.ts';

/** What a row of the measured phase says about the generator. */
export interface SecondEvidence {
  readonly second: number;
  readonly durationNs: number;
  /** That the plan of an open load had in it. */
  readonly arrivals: number;
  readonly sends: number;
  /** Sends later than `limitNs`, through pacing or through encoding. */
  readonly lateSends: number;
  readonly limitNs: number;
  readonly lagMaxNs: number;
  /** How many were later than each of `LAG_STEPS_NS`. */
  readonly lateBySteps: readonly number[];
  /** Response times of a bad second. */
  readonly responses: PackedHistogram | undefined;
  readonly monitors: MonitorSample | undefined;
}

/** From the least limit to a minute and more, each 1.4 times the one before. */
export const LAG_STEPS_NS: readonly number[] = Array.from(
  { length: 34 },
  (_, step) => LATE_SEND_NS * 2 ** (step / 2),
);

/** Collects the rows of a trial as they come. */
export class EvidenceCollector {
  readonly seconds: SecondEvidence[] = [];
  #badSeconds = 0;

  /** The second as it was kept; undefined for one that is not measured. */
  add(row: Interval, monitors?: MonitorSample): SecondEvidence | undefined {
    // Of the warm-up too, so that this is compiled by T0, and not in the middle of what follows.
    const seen = evidenceOf(row, monitors);
    if (row.phase !== 'measure') return undefined;
    const isKept = isBad(seen) && this.#badSeconds++ < KEPT_BAD_SECONDS;
    const responses = isKept
      ? new PackedHistogram(row.metrics.histogram('response_time', { outcome: 'ok' }) as Histogram)
      : undefined;
    const second = { ...seen, responses };
    this.seconds.push(second);
    return second;
  }
}

/** Of the seconds that were watched. */
export function samplesOf(seconds: readonly SecondEvidence[]): MonitorSample[] {
  return seconds.flatMap(({ monitors }) => monitors ?? []);
}

export function lateShare({ lateSends, sends }: SecondEvidence): number {
  return sends === 0 ? 0 : lateSends / sends;
}

/** The second as it looks with a larger limit, rounded down to a step. */
export function withLimit(second: SecondEvidence, limitNs: number): SecondEvidence {
  const step = LAG_STEPS_NS.findLastIndex((stepNs) => stepNs <= limitNs);
  if (step === -1 || LAG_STEPS_NS[step]! <= second.limitNs) return second;
  const lateSends = Math.min(second.lateSends, second.lateBySteps[step]!);
  return { ...second, limitNs: LAG_STEPS_NS[step]!, lateSends };
}

export function isBad({ sends, lateSends }: SecondEvidence): boolean {
  return lateSends >= LATE_SENDS_LEAST && lateSends > sends * BAD_SECOND_SHARE;
}

/** Samples beyond `limit`; those of the cell that it lies in are not counted. */
export function countAbove(histogram: HistogramView, limit: number): number {
  let count = 0;
  for (const cell of histogram.cells(limit)) if (cell.from > limit) count += cell.count;
  return count;
}

/** Samples at or beyond `limit`, with all of the cell that it lies in. */
export function countFrom(histogram: HistogramView, limit: number): number {
  let count = 0;
  for (const cell of histogram.cells(limit)) if (cell.to >= limit) count += cell.count;
  return count;
}

function evidenceOf(row: Interval, monitors: MonitorSample | undefined): SecondEvidence {
  const { metrics, second, durationNs } = row;
  const pacerLag = metrics.histogram('pacer_lag');
  const writeLag = metrics.histogram('write_lag');
  const service = metrics.histogram('service_time');
  const limitNs = Math.max(LATE_SEND_NS, service.percentile(50) * LATE_SEND_SHARE);
  const sends = Math.max(pacerLag.count, writeLag.count);
  const late = countAbove(pacerLag, limitNs) + countAbove(writeLag, limitNs);
  const pacerSteps = countsAbove(pacerLag);
  const writeSteps = countsAbove(writeLag);
  return {
    second,
    durationNs: Math.min(durationNs, row.seconds * NS_PER_SECOND),
    arrivals: pacerLag.count,
    sends,
    lateSends: Math.min(sends, late),
    limitNs,
    lagMaxNs: Math.max(pacerLag.max, writeLag.max),
    lateBySteps: pacerSteps.map((count, step) => count + writeSteps[step]!),
    responses: undefined,
    monitors,
  };
}

/** For each of the steps, how many samples lie beyond it. */
function countsAbove(histogram: HistogramView): number[] {
  const counts = LAG_STEPS_NS.map(() => 0);
  for (const { from, count } of histogram.cells(LATE_SEND_NS)) {
    for (let step = 0; step < counts.length && from > LAG_STEPS_NS[step]!; step++) {
      counts[step]! += count;
    }
  }
  return counts;
}

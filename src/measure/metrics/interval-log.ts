import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { Histogram } from './histogram.ts';
import { encodeHistogram } from './interval-encoding.ts';

/** One line of an interval log: what one series recorded in one interval. */
export interface IntervalLogEntry {
  /** Names the series; without commas, blanks and line breaks. */
  readonly tag: string;
  /** Since the start time in the header. */
  readonly startSeconds: number;
  readonly lengthSeconds: number;
  readonly histogram: Histogram;
}

/**
 * The standard interval log of HdrHistogram, version 1.3, as text: other tools read it (the log
 * analyser, HistogramLogProcessor). Values are ns, the maximum beside each histogram is in ms.
 */
export function intervalLogHeader(startWallMs: number): string {
  const seconds = (startWallMs / 1_000).toFixed(3);
  return [
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${seconds} (seconds since epoch)]`,
    `#[BaseTime: ${seconds} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    '',
  ].join('\n');
}

/** One line, with its line break. */
export function intervalLogLine(entry: IntervalLogEntry): string {
  const { tag, startSeconds, lengthSeconds, histogram } = entry;
  if (/[\s,]/.test(tag)) throw new LoadgenError('BUG', { reason: `${tag} is no tag of a log` });
  const times = `${startSeconds.toFixed(3)},${lengthSeconds.toFixed(3)}`;
  const maxMs = (histogram.max / NS_PER_MS).toFixed(3);
  return `Tag=${tag},${times},${maxMs},${encodeHistogram(histogram)}\n`;
}

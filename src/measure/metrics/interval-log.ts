import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type JsHistogram,
} from 'hdr-histogram-js';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import { Histogram } from './histogram.ts';
import { LAYOUTS, rangeOf, type HistogramLayout } from './histogram-layout.ts';

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
 * Import this file when it is needed and not before: its library takes 90 ms to load.
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
  return `Tag=${tag},${times},${maxMs},${encode(histogram)}\n`;
}

/**
 * The entries of the log that was read from `path`; throws RESULT_NOT_READABLE. A torn last line, of a process that was killed, is left out. Smallest,
 * largest and sum are those of the cells: the format does not keep the exact ones.
 */
export function readIntervalLog(text: string, path: string): IntervalLogEntry[] {
  const lines = text.split('\n');
  // What follows the last line break is empty, or torn.
  return lines.slice(0, -1).flatMap((line) => {
    const fields = /^Tag=([^,]+),([^,]+),([^,]+),[^,]+,(\S+)$/.exec(line);
    if (fields === null) return [];
    const [, tag, start, length, encoded] = fields as unknown as [string, ...string[]];
    return {
      tag: tag!,
      startSeconds: Number(start),
      lengthSeconds: Number(length),
      histogram: decodeOf(encoded!, path),
    };
  });
}

/** One histogram of the library for each layout, used again: it has cells of its own. */
const scratch = new Map<HistogramLayout, ReturnType<typeof build>>();

function encode(histogram: Histogram): string {
  const { layout } = histogram;
  const filled = scratch.get(layout) ?? buildLike(layout);
  scratch.set(layout, filled);
  for (const [cell, count] of histogram.toRecord().cells) {
    filled.recordValueWithCount(rangeOf(cell, layout).from, count);
  }
  const encoded = encodeIntoCompressedBase64(filled);
  filled.reset();
  return encoded;
}

function buildLike(layout: HistogramLayout): ReturnType<typeof build> {
  return build({
    lowestDiscernibleValue: layout.lowestDiscernibleNs,
    highestTrackableValue: layout.highestTrackableNs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    autoResize: false,
  });
}

function decodeOf(encoded: string, path: string): Histogram {
  try {
    return decode(encoded);
  } catch (thrown) {
    throw new LoadgenError('RESULT_NOT_READABLE', { path, reason: reasonOf(thrown) });
  }
}

function decode(encoded: string): Histogram {
  const decoded = decodeFromCompressedBase64(encoded, 64) as JsHistogram;
  const layout = Object.values(LAYOUTS).find(
    ({ lowestDiscernibleNs }) => lowestDiscernibleNs === decoded.lowestDiscernibleValue,
  );
  if (layout === undefined) throw new Error('a histogram has other cells than those of loadgen');
  const cells: [number, number][] = [];
  for (let cell = 0; cell < layout.cellCount; cell++) {
    const count = decoded.getCountAtIndex(cell);
    if (count > 0) cells.push([cell, count]);
  }
  return fromCells(cells, layout);
}

function fromCells(cells: readonly [number, number][], layout: HistogramLayout): Histogram {
  if (cells.length === 0) return new Histogram(layout);
  const last = rangeOf(cells.at(-1)![0], layout);
  let sum = 0;
  let count = 0;
  for (const [cell, counted] of cells) {
    const { from, width } = rangeOf(cell, layout);
    sum += (from + width / 2) * counted;
    count += counted;
  }
  return Histogram.fromRecord({
    resolution: layout.resolution,
    count,
    min: rangeOf(cells[0]![0], layout).from,
    max: last.from + last.width - 1,
    sum,
    cells,
  });
}

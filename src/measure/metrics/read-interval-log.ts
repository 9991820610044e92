import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { Histogram } from './histogram.ts';
import { LAYOUTS, rangeOf, type HistogramLayout } from './histogram-layout.ts';
import type { IntervalLogEntry } from './interval-log.ts';

/**
 * The entries of the log that was read from `path`; throws RESULT_NOT_READABLE. A torn last line,
 * of a process that was killed, is left out. Smallest, largest and sum are those of the cells: the
 * format does not keep the exact ones. Import this file when it is needed and not before: its
 * library takes 90 ms to load.
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
    min: rangeOf(cells[0]![0], layout).from / layout.unitsPerOne,
    max: (last.from + last.width - 1) / layout.unitsPerOne,
    sum: sum / layout.unitsPerOne,
    cells,
  });
}

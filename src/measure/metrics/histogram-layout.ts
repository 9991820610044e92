/**
 * Which values share a cell of a histogram: HdrHistogram's layout with three significant digits
 * (Gil Tene, https://github.com/HdrHistogram/HdrHistogram), cell for cell. The first 2,048 cells
 * are one unit wide; from there every doubling of the value has 1,024 cells of twice the width, so
 * that a cell is never wider than a thousandth of its values, or one unit.
 */
export interface HistogramLayout {
  readonly resolution: Resolution;
  /** Width of the smallest cells, a power of two. */
  readonly unitNs: number;
  /** What HdrHistogram is built with to have the same cells. */
  readonly lowestDiscernibleNs: number;
  readonly highestTrackableNs: number;
  readonly cellCount: number;
  /** What a value is multiplied with before it is counted: 1 for what comes in whole units. */
  readonly unitsPerOne: number;
}

export type Resolution = 'fine' | 'standard' | 'whole' | 'ratio';

/** Cells of one unit: 2 × 10^3 rounded up to a power of two. */
const LINEAR_CELLS = 2048;
const HALF = 1024;
const HALF_MAGNITUDE = 10;

export const LAYOUTS: Readonly<Record<Resolution, HistogramLayout>> = {
  // Latencies, to an hour and beyond: units of 512 ns up to 4,398 s.
  standard: layoutOf('standard', 1_000, 3.6e12),
  // Lags of our own, which are judged in microseconds: units of 16 ns up to 137 s.
  fine: layoutOf('fine', 16, 1e11),
  // Counts and sizes, which are whole numbers: exact up to 2,048.
  whole: layoutOf('whole', 1, 1e12),
  // Shares and scores, counted in billionths: within a thousandth from a millionth to 1,000.
  ratio: { ...layoutOf('ratio', 2, 1e12), unitsPerOne: 1e9 },
};

function layoutOf(
  resolution: Resolution,
  lowestDiscernibleNs: number,
  highestTrackableNs: number,
): HistogramLayout {
  const unitNs = 2 ** Math.floor(Math.log2(lowestDiscernibleNs));
  let doublings = 0;
  while (unitNs * LINEAR_CELLS * 2 ** doublings <= highestTrackableNs) doublings++;
  const cellCount = LINEAR_CELLS + doublings * HALF;
  const layout = { resolution, unitNs, lowestDiscernibleNs, highestTrackableNs, cellCount };
  return { ...layout, unitsPerOne: 1 };
}

/**
 * The cell of a value in ns. Values below 0 are in the first cell, values beyond the layout in the
 * last. Allocates nothing.
 */
export function cellOf(valueNs: number, layout: HistogramLayout): number {
  return cellOfUnits(valueNs / layout.unitNs, layout.cellCount);
}

/** As `cellOf`, of a value in units of the layout: for the recorder, which knows its reciprocal. */
export function cellOfUnits(units: number, cellCount: number): number {
  if (units >= 2 ** 31) return farCellOf(units, cellCount);
  const whole = units > 0 ? units | 0 : 0;
  // Doublings beyond the linear cells. Bits instead of a branch, which random latencies on both
  // sides of 2,048 units would mispredict: negative numbers become 0.
  const signed = 31 - HALF_MAGNITUDE - Math.clz32(whole);
  const doublings = signed & ~(signed >> 31);
  const cell = (doublings << HALF_MAGNITUDE) + (whole >>> doublings);
  return cell < cellCount ? cell : cellCount - 1;
}

/** `| 0` and clz32 take 31 bits: here twelve, which do not count, are shifted out first. */
function farCellOf(units: number, cellCount: number): number {
  const whole = Math.min(units / 4096, 2 ** 31 - 1) | 0;
  const kept = 31 - HALF_MAGNITUDE - Math.clz32(whole);
  const cell = (kept + 12) * HALF + (whole >>> kept);
  return cell < cellCount ? cell : cellCount - 1;
}

/** The values of a cell in ns: `from` ≤ value < `from + width`. */
export function rangeOf(
  cell: number,
  layout: HistogramLayout,
): { readonly from: number; readonly width: number } {
  if (cell < LINEAR_CELLS) return { from: cell * layout.unitNs, width: layout.unitNs };
  const doubling = (cell >>> HALF_MAGNITUDE) - 1;
  const width = layout.unitNs * 2 ** doubling;
  return { from: (cell - doubling * HALF) * width, width };
}

import assert from 'node:assert/strict';
import type { Histogram } from '../../src/measure/metrics/histogram.ts';

/** What was observed where a law says `expected`, give or take `allowance`. */
export interface Finding {
  readonly of: string;
  readonly observed: number;
  readonly expected: number;
  readonly allowance: number;
}

/** Asserts findings that depend on no machine. */
export function holds(findings: readonly Finding[]): void {
  assert.deepEqual(findings.filter(isMiss).map(describe), []);
}

function isMiss({ observed, expected, allowance }: Finding): boolean {
  return !(Math.abs(observed - expected) <= allowance);
}

function describe({ of, observed, expected, allowance }: Finding): string {
  return `${of} is ${observed.toPrecision(5)}, not ${expected.toPrecision(5)} ± ${allowance.toPrecision(3)}`;
}

/** HDR cells of three digits: a percentile may stand for a value up to a thousandth away. */
const RESOLUTION = 1e-3;

/**
 * Sample by sample in ascending order, a recorded distribution lies between the least and the most
 * that its samples can have been. If every x lies between its l and its u, so does the nth of the
 * sorted ones: nobody has to know which sample belongs to which request.
 */
export function liesBetween(
  recorded: Histogram,
  { least, most }: { readonly least: Float64Array; readonly most?: Float64Array },
): void {
  assert.equal(recorded.count, least.length, 'every request is one sample');
  const [leastSorted, mostSorted] = [least.toSorted(), most?.toSorted()];
  for (let rank = 1; rank <= least.length; rank++) {
    const value = recorded.valueAtRank(rank);
    const lowest = leastSorted[rank - 1]! * (1 - RESOLUTION);
    const highest = (mostSorted?.[rank - 1] ?? Infinity) * (1 + RESOLUTION);
    assert.ok(value >= lowest, `rank ${rank}: ${value} ns recorded, at least ${lowest}`);
    assert.ok(value <= highest, `rank ${rank}: ${value} ns recorded, at most ${highest}`);
  }
  assert.ok(recorded.min >= leastSorted[0]!, `the least is ${recorded.min}, not ${leastSorted[0]}`);
  assert.ok(recorded.sum >= sumOf(least), 'the sum is exact, and less than it can be');
  assert.ok(most === undefined || recorded.sum <= sumOf(most), 'the sum is more than it can be');
}

export function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

const BATCHES = 40;

/**
 * The mean of a stationary series whose neighbours depend on each other, as waiting times do, with
 * its standard error by batch means: batches far longer than the dependence are independent
 * (Law, "Simulation Modeling and Analysis", 9.5.3).
 */
export function batchMeans(series: ArrayLike<number>): { mean: number; standardError: number } {
  const size = Math.floor(series.length / BATCHES);
  const means = Array.from({ length: BATCHES }, (_, batch) => {
    let sum = 0;
    for (let index = batch * size; index < (batch + 1) * size; index++) sum += series[index]!;
    return sum / size;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / BATCHES;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (BATCHES - 1) / BATCHES) };
}

/** Standard deviation ÷ mean: 1 for exponential gaps, 0 for even ones. */
export function variation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / values.length) / mean;
}

export function differences(values: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: values.length - 1 }, (_, at) => values[at + 1]! - values[at]!);
}

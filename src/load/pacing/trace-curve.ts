import { randomStream, randomUniform } from '../../base/random/counter-random.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../base/time/clock.ts';
import type { ArrivalCurve } from './arrival-curve.ts';

/** The arrivals of a recorded trace: plain data, in memory that threads share. */
export interface TraceTimes {
  /** From the first row of the trace, in whole ns, in order. */
  readonly offsetsNs: Float64Array;
  /** The row of each arrival, from 0. */
  readonly rows: Float64Array;
  readonly durationNs: number;
  readonly peakPerSecond: number;
}

/** One row of a trace, as it was recorded. */
export interface TraceRow {
  /** From the first row of the trace. */
  readonly offsetNs: number;
  /** Rows of one session are kept or left out together. */
  readonly session: string;
}

export interface TraceRules {
  readonly seed: number;
  /** Whose trace: names the stream that decides over sessions. */
  readonly feeder: string;
  /** Time runs so many times as fast as it was recorded. */
  readonly speed: number;
  /** The share of the sessions that is kept. */
  readonly keep: number;
}

/**
 * The arrivals of a trace, thinned and warped. A session that is kept with a share is kept with
 * every greater one, and keeps its times: leaving out points instead would tear sessions apart.
 */
export function traceTimes(rows: readonly TraceRow[], rules: TraceRules): TraceTimes {
  const { speed } = rules;
  const kept: number[] = [];
  for (const [row, { session }] of rows.entries()) if (isKept(session, rules)) kept.push(row);
  const offsetsNs = sharedArray(kept.map((row) => Math.round(rows[row]!.offsetNs / speed)));
  return {
    offsetsNs,
    rows: sharedArray(kept),
    durationNs: durationOf(rows.length, Math.round((rows.at(-1)?.offsetNs ?? 0) / speed)),
    peakPerSecond: peakOf(offsetsNs),
  };
}

function isKept(session: string, { seed, feeder, keep }: TraceRules): boolean {
  if (keep >= 1) return true;
  return randomUniform(randomStream(seed, `trace/${feeder}/${session}`), 0) < keep;
}

/**
 * A mean gap longer than until the last row, so that rows evenly apart are as many a second as
 * their gap says; it does not depend on which rows are kept.
 */
function durationOf(count: number, lastNs: number): number {
  const gapNs = count > 1 ? Math.round(lastNs / (count - 1)) : 0;
  return lastNs + Math.max(gapNs, NS_PER_MS);
}

/** The most arrivals within any one second. */
function peakOf(offsetsNs: Float64Array): number {
  let peak = 0;
  let first = 0;
  for (const [index, offsetNs] of offsetsNs.entries()) {
    while (offsetsNs[first]! <= offsetNs - NS_PER_SECOND) first++;
    peak = Math.max(peak, index - first + 1);
  }
  return peak;
}

function sharedArray(values: readonly number[]): Float64Array {
  const bytes = values.length * Float64Array.BYTES_PER_ELEMENT;
  const array = new Float64Array(new SharedArrayBuffer(bytes));
  array.set(values);
  return array;
}

/** Arrival n is expected exactly when the trace has it. */
export class TraceCurve implements ArrivalCurve {
  readonly durationNs: number;
  readonly totalArea: number;
  readonly peakPerSecond: number;
  readonly numbers: Float64Array;
  readonly #offsetsNs: Float64Array;

  constructor({ offsetsNs, rows, durationNs, peakPerSecond }: TraceTimes) {
    this.#offsetsNs = offsetsNs;
    this.numbers = rows;
    this.durationNs = durationNs;
    this.totalArea = rows.length;
    this.peakPerSecond = peakPerSecond;
  }

  timeAt(area: number): number {
    return this.#offsetsNs[Math.ceil(area)] ?? Infinity;
  }

  held(): TraceCurve {
    return this;
  }
}

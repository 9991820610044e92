import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { ArrivalCurve } from './arrival-curve.ts';

/** A stretch of a curve: the rate goes from `fromPerSecond` to `toPerSecond` in a straight line. */
export interface RateSegment {
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** Infinity for a constant rate without an end. */
  readonly durationNs: number;
}

interface PlacedSegment extends RateSegment {
  readonly startNs: number;
  readonly startArea: number;
  readonly endArea: number;
}

/**
 * Arrivals per second over time, piecewise linear. The area under it up to a time is the number
 * of arrivals expected by then; its inverse says when the nth is expected. Both are closed forms
 * (k6: lib/executor/ramping_arrival_rate.go solves the same quadratic per stage).
 */
export class RateCurve implements ArrivalCurve {
  /** Infinity for a rate without an end. */
  readonly durationNs: number;
  readonly totalArea: number;
  readonly peakPerSecond: number;
  readonly #segments: readonly PlacedSegment[];

  constructor(segments: readonly RateSegment[]) {
    const placed: PlacedSegment[] = [];
    let startNs = 0;
    let startArea = 0;
    let peakPerSecond = 0;
    for (const segment of segments) {
      const endArea = startArea + areaOf(segment);
      placed.push({ ...segment, startNs, startArea, endArea });
      startNs += segment.durationNs;
      startArea = endArea;
      peakPerSecond = Math.max(peakPerSecond, segment.fromPerSecond, segment.toPerSecond);
    }
    this.#segments = placed;
    this.durationNs = startNs;
    this.totalArea = startArea;
    this.peakPerSecond = peakPerSecond;
  }

  /** The same rate all the time, without an end unless given one. */
  static constant(ratePerSecond: number, durationNs: number = Infinity): RateCurve {
    return new RateCurve([
      { fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond, durationNs },
    ]);
  }

  /** Straight lines from rate to rate, each stage from where the one before ended. */
  static ramping(
    startPerSecond: number,
    stages: readonly { readonly toPerSecond: number; readonly durationNs: number }[],
  ): RateCurve {
    let fromPerSecond = startPerSecond;
    const segments: RateSegment[] = [];
    for (const { toPerSecond, durationNs } of stages) {
      segments.push({ fromPerSecond, toPerSecond, durationNs });
      fromPerSecond = toPerSecond;
    }
    return new RateCurve(segments);
  }

  /** The same curve, going on at its last rate for ever. */
  held(): RateCurve {
    const last = this.#segments.at(-1);
    if (last === undefined || last.durationNs === Infinity || last.toPerSecond === 0) return this;
    const { toPerSecond } = last;
    const rest = { fromPerSecond: toPerSecond, toPerSecond, durationNs: Infinity };
    // A flat end is made longer: code that never met a second segment would be compiled anew there.
    const isFlat = last.fromPerSecond === toPerSecond;
    return new RateCurve([...this.#segments.slice(0, isFlat ? -1 : undefined), rest]);
  }

  /** Arrivals expected before `timeNs`. */
  areaAt(timeNs: number): number {
    if (timeNs >= this.durationNs) return this.totalArea;
    const segment = this.#segments.findLast(({ startNs }) => startNs <= timeNs);
    if (segment === undefined) return 0;
    return segment.startArea + areaWithin(segment, timeNs - segment.startNs);
  }

  /**
   * When the area reaches `area`, in ns (not rounded); Infinity when it never does. Where the rate
   * is zero for a while, the end of that while, so that nothing arrives in it.
   */
  timeAt(area: number): number {
    const segments = this.#segments;
    // Segments are few; the search is binary so that a curve of thousands costs no more.
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (segments[middle]!.endArea > area) high = middle;
      else low = middle + 1;
    }
    const segment = segments[low];
    return segment === undefined ? Infinity : segment.startNs + timeWithin(segment, area);
  }
}

function areaOf({ fromPerSecond, toPerSecond, durationNs }: RateSegment): number {
  return ((fromPerSecond + toPerSecond) / 2) * (durationNs / NS_PER_SECOND);
}

function areaWithin(segment: RateSegment, offsetNs: number): number {
  const seconds = offsetNs / NS_PER_SECOND;
  const slope = slopeOf(segment);
  return segment.fromPerSecond * seconds + (slope / 2) * seconds * seconds;
}

/** Change of the rate per second; 0 for a segment without an end. */
function slopeOf({ fromPerSecond, toPerSecond, durationNs }: RateSegment): number {
  return ((toPerSecond - fromPerSecond) / durationNs) * NS_PER_SECOND;
}

/**
 * The area a under a line of slope k from rate r is a = r t + k t²/2, so that
 * t = 2a / (r + √(r² + 2ka)). This form of the root subtracts nothing, so it loses no digits for
 * a rising rate. A falling one is solved backwards from its end, where it rises.
 */
function timeWithin(segment: PlacedSegment, area: number): number {
  const { fromPerSecond, toPerSecond, durationNs } = segment;
  const slope = slopeOf(segment);
  const timeNs =
    slope >= 0
      ? NS_PER_SECOND * riseTime(fromPerSecond, slope, area - segment.startArea)
      : durationNs - NS_PER_SECOND * riseTime(toPerSecond, -slope, segment.endArea - area);
  return Math.min(Math.max(timeNs, 0), durationNs);
}

function riseTime(ratePerSecond: number, slope: number, area: number): number {
  const divisor = ratePerSecond + Math.sqrt(ratePerSecond * ratePerSecond + 2 * slope * area);
  return area <= 0 || divisor === 0 ? 0 : (2 * area) / divisor;
}

/** What a plan is made from: how many arrivals are expected by when. */
export interface ArrivalCurve {
  /** Infinity where nothing ends it. */
  readonly durationNs: number;
  readonly totalArea: number;
  /** Arrivals per second at the highest point. */
  readonly peakPerSecond: number;
  /** The iteration number of each arrival, where it is not how many came before. */
  readonly numbers?: Float64Array | undefined;
  /** When the area reaches `area`, in ns (not rounded); Infinity when it never does. */
  timeAt(area: number): number;
  /** The same curve, going on for ever at the rate with which it ends. */
  held(): ArrivalCurve;
}

/**
 * When the phases of a trial begin and end, in clock ns; Infinity while it is not known.
 * Once it is known it does not change.
 */
export interface PhaseTimes {
  /** S for the warm-up, T0 for the measured phase. */
  phaseStartNs(phase: number): number;
  /** T0 for the warm-up, T1 for the measured phase. */
  phaseEndNs(phase: number): number;
  /** There will be a T1, whether it is known yet or not; asked where T1 is not known. */
  readonly endsByTime?: boolean;
  /** From when nothing starts any more, where somebody stopped the load; Infinity else. */
  readonly stopNs?: number;
}

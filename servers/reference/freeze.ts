/**
 * The server stands still in the half-open windows
 * [epoch + k·period, epoch + k·period + duration) for k = 1, 2, 3, ...: the first one begins one
 * period after the epoch. All values are whole nanoseconds, 0 ≤ duration < period.
 */
export interface Freeze {
  readonly epochNs: number;
  readonly durationNs: number;
  readonly periodNs: number;
}

/**
 * When work of `workNs` that begins at `startNs` is done, if it advances only outside the windows.
 * The result never lies inside a window: work that is done exactly when one begins leaves at its
 * end, as does work of length 0 that begins inside.
 */
export function finishNs(startNs: number, workNs: number, freeze: Freeze | null): number {
  if (freeze === null) return startNs + workNs;
  return instantOf(activeNs(startNs, freeze) + workNs, freeze);
}

/** How much of the time from the epoch to `instantNs` was not frozen; negative before the epoch. */
function activeNs(instantNs: number, freeze: Freeze): number {
  const sinceEpochNs = instantNs - freeze.epochNs;
  if (sinceEpochNs < freeze.periodNs) return sinceEpochNs;
  const cycle = Math.floor(sinceEpochNs / freeze.periodNs);
  const intoCycleNs = sinceEpochNs - cycle * freeze.periodNs;
  const activePerCycleNs = freeze.periodNs - freeze.durationNs;
  const activeInCycleNs = Math.max(0, intoCycleNs - freeze.durationNs);
  return freeze.periodNs + (cycle - 1) * activePerCycleNs + activeInCycleNs;
}

/** The inverse of `activeNs`; of the many instants of a window it gives the end. */
function instantOf(active: number, freeze: Freeze): number {
  if (active < freeze.periodNs) return freeze.epochNs + active;
  const activePerCycleNs = freeze.periodNs - freeze.durationNs;
  const afterFirstNs = active - freeze.periodNs;
  const cycles = Math.floor(afterFirstNs / activePerCycleNs);
  const intoActiveNs = afterFirstNs - cycles * activePerCycleNs;
  return freeze.epochNs + (cycles + 1) * freeze.periodNs + freeze.durationNs + intoActiveNs;
}

/**
 * CLOCK_MONOTONIC in nanoseconds, absolute, so that stamps taken by another process on this machine
 * lie on the same axis. A double holds it exactly for the first 104 days after the machine booted
 * and to 2 ns for the next 104.
 */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

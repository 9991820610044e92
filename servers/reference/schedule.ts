import { monotonicNs } from './clock.ts';

/** A timer wakes up to this much late; what is nearer is waited for by asking the clock. */
const SPIN_MS = 2;

/** Milliseconds on the clock by which answers are timed. */
export function nowMs(): number {
  return performance.now();
}

/** Of a moment on that clock: ns of CLOCK_MONOTONIC, which other processes of the machine have too. */
export function monotonicNsOf(atMs: number): number {
  return monotonicNs() + (atMs - nowMs()) * 1e6;
}

/** Calls `callback` at `atMs`, to within some microseconds while the event loop is free. */
export function callAt(atMs: number, callback: () => void): void {
  const leftMs = atMs - nowMs();
  if (leftMs <= 0) callback();
  else if (leftMs <= SPIN_MS) setImmediate(callAt, atMs, callback);
  else setTimeout(callAt, leftMs - SPIN_MS, atMs, callback);
}

/**
 * Waits for `ms` milliseconds and never less, which `setTimeout` does: it counts from where the
 * event loop last read its clock.
 */
export function sleepFor(ms: number): Promise<void> {
  return new Promise((resolve) => callAt(nowMs() + ms, resolve));
}

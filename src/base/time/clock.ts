/** Stops a pending timer; calling it twice does nothing. */
export type Cancel = () => void;

/**
 * The only source of time. Everything outside `base/time` is handed one, so that tests can drive
 * a fake: `nowNs` for measuring, `wallMs` for people.
 */
export interface Clock {
  /**
   * Nanoseconds on the monotonic clock since the process began: one origin for all threads of a
   * process, a plain number (exact to under 1 ns for 104 days).
   */
  nowNs(): number;
  /** Milliseconds since 1970-01-01 UTC. It may jump; never subtract two of them. */
  wallMs(): number;
  /** Runs `callback` once, not before `delayMs` from now (a resolution of 1 ms at best). */
  after(delayMs: number, callback: () => void): Cancel;
  /** Runs `callback` after the I/O that is ready now has been handled (`setImmediate`). */
  nextTurn(callback: () => void): void;
}

export const NS_PER_MS = 1_000_000;
export const NS_PER_SECOND = 1_000_000_000;

/** Read through the global object, it is a getter that costs as much as the clock. */
const { performance } = globalThis;

/** The clock of the machine. */
export const systemClock: Clock = {
  // Since Node 26 `performance` in a worker counts from the origin of the process; the worker
  // asserts so when it starts (see `clockOrigin`).
  nowNs: () => performance.now() * NS_PER_MS,
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  nextTurn(callback) {
    setImmediate(callback);
  },
};

/**
 * Where `nowNs` of this thread has its zero on CLOCK_MONOTONIC, in ns: equal, within the cost of
 * reading two clocks, on all threads that may compare stamps.
 */
export function clockOriginNs(): number {
  let narrowest = Number.POSITIVE_INFINITY;
  let originNs = 0;
  for (let attempt = 0; attempt < 50; attempt++) {
    const before = performance.now();
    const monotonicNs = Number(process.hrtime.bigint());
    const after = performance.now();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    originNs = monotonicNs - ((before + after) / 2) * NS_PER_MS;
  }
  return originNs;
}

/** Resolves after `delayMs`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}

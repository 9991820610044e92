/** How arrivals are waited for; docs/decisions/0002-pacing.md says what each costs. */
export const PACINGS = ['precise', 'efficient'] as const;
export type Pacing = (typeof PACINGS)[number];

/**
 * Waits for one due time after another, on behalf of one flow in one thread. It never blocks the
 * event loop, and never wakes before the time.
 */
export interface Pacer {
  /**
   * Calls `wake` once when the clock reads `dueNs` or later, never within this call. A wait that
   * is still open is replaced.
   */
  waitUntil(dueNs: number, wake: () => void): void;
  /** Forgets the open wait. */
  cancel(): void;
}

/** Distinct reasons that are kept; what comes beyond is counted under OTHER_REASONS. */
export const FAILURE_REASONS_LIMIT = 32;
export const OTHER_REASONS = 'other';

/**
 * Why operations failed, in words for people (`ECONNREFUSED`, `bad chunk size`), beside the closed
 * set of outcomes that metrics are counted by. Bounded, since a server may fail in endless ways.
 */
export class FailureReasons {
  readonly #counts = new Map<string, number>();

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  count(reason: string): void {
    const known = this.#counts.has(reason) || this.#counts.size < FAILURE_REASONS_LIMIT;
    const name = known ? reason : OTHER_REASONS;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

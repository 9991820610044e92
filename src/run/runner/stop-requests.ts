/**
 * What the person at the terminal, or a process manager, has asked for: nothing, to stop starting
 * and wait for the answers that are open (first Ctrl+C), or to stop at once (second).
 */
export class StopRequests {
  #level: 0 | 1 | 2 = 0;

  /** One more step towards the end. */
  raise(): void {
    this.#level = this.#level === 0 ? 1 : 2;
  }

  get drain(): boolean {
    return this.#level >= 1;
  }

  get atOnce(): boolean {
    return this.#level === 2;
  }
}

/** How far whoever runs loadgen wants it to stop. */
export interface StopSignal {
  /** Nothing more starts; answers that are open are waited for. */
  readonly drain: boolean;
  readonly atOnce: boolean;
}

/**
 * What the person at the terminal, or a process manager, has asked for: nothing, to stop starting
 * and wait for the answers that are open (first Ctrl+C), or to stop at once (second).
 */
export class StopRequests implements StopSignal {
  #level: 0 | 1 | 2 = 0;
  /** For what is done also after a run that was stopped: only the second request is heard. */
  readonly secondOnly: StopSignal;

  constructor() {
    const isSecond = (): boolean => this.atOnce;
    this.secondOnly = {
      get drain() {
        return isSecond();
      },
      get atOnce() {
        return isSecond();
      },
    };
  }

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

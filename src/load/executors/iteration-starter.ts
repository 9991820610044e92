import type { IterationListener, IterationStart, LoadPort } from './executor.ts';

/** Starts iterations, and allocates nothing for one. */
export class IterationStarter implements IterationListener {
  /** Iterations that have started and not ended. */
  running = 0;

  readonly #port: LoadPort;
  readonly #listener: IterationListener;
  readonly #starts: readonly IterationStart[];

  constructor(port: LoadPort, slotCount: number, listener: IterationListener) {
    this.#port = port;
    this.#listener = listener;
    this.#starts = Array.from({ length: slotCount }, () => {
      return { phase: 0, iteration: 0, intendedNs: 0, pickedNs: 0, acquiredNs: 0 };
    });
  }

  /** The slot's own record, to be filled in before `start`. */
  of(slot: number): IterationStart {
    return this.#starts[slot]!;
  }

  start(slot: number): void {
    const port = this.#port;
    const start = this.#starts[slot]!;
    port.recorder.started(start.phase, port.flow, slot);
    this.running++;
    try {
      port.iterate(slot, start, this);
    } catch (thrown) {
      this.#listener.failed(thrown);
    }
  }

  ended(slot: number, nextNs: number): void {
    this.running--;
    try {
      this.#listener.ended(slot, nextNs);
    } catch (thrown) {
      this.#listener.failed(thrown);
    }
  }

  failed(thrown: unknown): void {
    this.#listener.failed(thrown);
  }
}

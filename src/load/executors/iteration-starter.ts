import type { IterationStart, LoadPort } from './executor.ts';

/** What a flow hears of the iterations that it started. */
export interface IterationListener {
  /** The slot is free; a closed model intends its next iteration at `nextNs`. */
  ended(slot: number, nextNs: number): void;
  failed(thrown: unknown): void;
}

/** Starts iterations, and allocates nothing for one but what its promise takes. */
export class IterationStarter {
  /** Iterations that have started and not ended. */
  running = 0;

  readonly #port: LoadPort;
  readonly #starts: IterationStart[] = [];
  readonly #ended: ((nextNs: number) => void)[] = [];
  readonly #failed: (thrown: unknown) => void;

  constructor(port: LoadPort, slotCount: number, listener: IterationListener) {
    this.#port = port;
    this.#failed = (thrown) => listener.failed(thrown);
    for (let slot = 0; slot < slotCount; slot++) {
      this.#starts.push({ phase: 0, iteration: 0, intendedNs: 0, pickedNs: 0, acquiredNs: 0 });
      this.#ended.push((nextNs) => {
        this.running--;
        try {
          listener.ended(slot, nextNs);
        } catch (thrown) {
          listener.failed(thrown);
        }
      });
    }
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
    port.iterate(slot, start).then(this.#ended[slot]!, this.#failed);
  }
}

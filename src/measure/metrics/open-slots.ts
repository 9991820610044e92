import { FLOW_COUNTER, type SeriesLayout } from './series-layout.ts';
import type { SharedRecorder } from './shared-recorder.ts';

/** Counts what is open in a worker's slots, for the gauges `running` and `in_flight`. */
export class OpenSlots {
  readonly #layout: SeriesLayout;
  readonly #slotCount: number;
  readonly #operationStates: Uint8Array;
  readonly #iterationStates: Uint8Array;

  constructor(layout: SeriesLayout, shared: SharedRecorder) {
    this.#layout = layout;
    this.#slotCount = shared.slotCount;
    this.#operationStates = new Uint8Array(shared.operationStates);
    this.#iterationStates = new Uint8Array(shared.iterationStates);
  }

  /** Sets both gauges of every flow in `counters`, an array by index of the layout. */
  setLevels(phase: number, counters: Float64Array): void {
    for (let flow = 0; flow < this.#layout.flows.length; flow++) {
      const { counterBase } = this.#layout.flows[flow]!;
      counters[counterBase + FLOW_COUNTER.running] = this.#count(
        this.#iterationStates,
        phase,
        flow,
      );
      counters[counterBase + FLOW_COUNTER.inFlight] = this.#count(
        this.#operationStates,
        phase,
        flow,
      );
    }
  }

  #count(states: Uint8Array, phase: number, flow: number): number {
    const from = flow * this.#slotCount;
    let count = 0;
    for (let at = from; at < from + this.#slotCount; at++) if (states[at] === phase + 1) count++;
    return count;
  }
}

import type { Clock } from '../../base/time/clock.ts';
import type { Naps } from '../../iteration/flow-runtime.ts';
import { WakeQueue } from '../../load/executors/wake-queue.ts';
import type { Pacer } from '../../load/pacing/pacer.ts';

/** Wakes the VUs of one flow that think between two steps, as punctually as arrivals start. */
export class PacedNaps implements Naps {
  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #sleepers: WakeQueue;
  readonly #wakes: ((() => void) | undefined)[];
  #armedNs = Infinity;

  constructor(clock: Clock, pacer: Pacer, slotCount: number) {
    this.#clock = clock;
    this.#pacer = pacer;
    this.#sleepers = new WakeQueue(slotCount);
    this.#wakes = Array.from({ length: slotCount }, () => undefined);
  }

  until(vu: number, untilNs: number, wake: () => void): void {
    this.#wakes[vu] = wake;
    this.#sleepers.push(vu, untilNs);
    this.#arm();
  }

  wake(vu: number): void {
    if (this.#wakes[vu] === undefined) return;
    const others: [vu: number, untilNs: number][] = [];
    while (this.#sleepers.length > 0) {
      const untilNs = this.#sleepers.earliestNs;
      const sleeper = this.#sleepers.pop();
      if (sleeper !== vu) others.push([sleeper, untilNs]);
    }
    for (const [other, untilNs] of others) this.#sleepers.push(other, untilNs);
    this.#end(vu);
  }

  wakeAll(): void {
    this.#pacer.cancel();
    this.#armedNs = Infinity;
    while (this.#sleepers.length > 0) this.#end(this.#sleepers.pop());
  }

  readonly #wakeDue = (): void => {
    this.#armedNs = Infinity;
    const nowNs = this.#clock.nowNs();
    while (this.#sleepers.earliestNs <= nowNs) this.#end(this.#sleepers.pop());
    this.#arm();
  };

  #arm(): void {
    const nextNs = this.#sleepers.earliestNs;
    if (nextNs >= this.#armedNs) return;
    this.#armedNs = nextNs;
    this.#pacer.waitUntil(nextNs, this.#wakeDue);
  }

  #end(vu: number): void {
    const wake = this.#wakes[vu];
    this.#wakes[vu] = undefined;
    wake?.();
  }
}

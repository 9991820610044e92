import { KernelTimer } from '../../base/time/kernel-timer.ts';
import { clockOriginNs, NS_PER_MS, type Cancel, type Clock } from '../../base/time/clock.ts';
import type { Alarm } from './alarm.ts';

/**
 * Rung by a timer of the kernel in the poll of its own thread; by one of the event loop, which is late
 * by a millisecond, should the process have no file descriptor left for it. It does not keep its
 * thread alive.
 */
export class KernelAlarm implements Alarm {
  readonly leadNs = 80_000;
  ring: () => void = () => {};
  readonly #clock: Clock;
  readonly #originNs = clockOriginNs();
  /** Made when it is needed first: most flows never think, and closed ones have no arrivals. */
  #timer: KernelTimer | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(atNs: number, nowNs: number): void {
    this.#timer ??= KernelTimer.create(() => this.ring());
    if (this.#timer !== undefined) {
      this.#timer.set(this.#originNs + atNs);
      return;
    }
    this.#cancel?.();
    this.#cancel = this.#clock.after(Math.max(0, (atNs - nowNs) / NS_PER_MS), () => this.ring());
  }

  stop(): void {
    this.#timer?.stop();
    this.#cancel?.();
  }

  close(): void {
    this.#timer?.close();
    this.#cancel?.();
  }
}

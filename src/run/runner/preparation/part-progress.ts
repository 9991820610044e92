import { NS_PER_MS, type Cancel, type Clock } from '../../../base/time/clock.ts';
import type { LiveCounts, RunObserver } from '../observer.ts';

const FIRST_AFTER_MS = 2_000;
const MOST_BETWEEN_MS = 10_000;

/** What takes longer than two seconds is told, at first often and then less. */
export class PartProgress implements RunObserver {
  readonly #clock: Clock;
  readonly #say: (text: string) => void;
  readonly #what: string;
  readonly #startNs: number;
  #live: LiveCounts | undefined;
  #cancel: Cancel | undefined;

  /** `what`: "Preparing: ingest". */
  constructor(what: string, { clock, say }: { clock: Clock; say: (text: string) => void }) {
    this.#clock = clock;
    this.#say = say;
    this.#what = what;
    this.#startNs = clock.nowNs();
    this.#sayLater(FIRST_AFTER_MS);
  }

  tick(live: LiveCounts): void {
    this.#live = live;
  }

  close(): void {
    this.#cancel?.();
  }

  // Rows and phases of a preparation are none of the load.
  status(): void {}
  trialStarted(): void {}
  phaseStarted(): void {}
  interval(): void {}
  trialEnded(): void {}

  #sayLater(afterMs: number): void {
    this.#cancel = this.#clock.after(afterMs, () => {
      const elapsedMs = (this.#clock.nowNs() - this.#startNs) / NS_PER_MS;
      const { started = 0, inFlight = 0, wanted } = this.#live ?? {};
      const of = wanted === undefined ? '' : ` of ${wanted}`;
      const ended = wanted === 1 ? '' : `, ${Math.max(0, started - inFlight)}${of} done`;
      this.#say(`${this.#what}${ended}, ${Math.round(elapsedMs / 1000)} s …`);
      this.#sayLater(Math.min(MOST_BETWEEN_MS, elapsedMs));
    });
  }
}

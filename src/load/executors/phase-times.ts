import type { LoadPort } from './executor.ts';

/** When the phases of one flow begin and close, as far as this is known by now. */
export class PhaseTimes {
  readonly #port: LoadPort;
  /** By phase: how long this flow may take iterations up. */
  readonly #durationsNs: readonly number[];
  #interruptedAtNs = Infinity;
  /** By phase, once they are known: reading what threads share costs more than all the rest here. */
  readonly #startsNs = [Infinity, Infinity];
  readonly #endsNs = [Infinity, Infinity];

  /** The measured phase takes iterations up for `durationNs` at most. */
  constructor(port: LoadPort, durationNs: number) {
    this.#port = port;
    this.#durationsNs = [Infinity, durationNs];
  }

  startNs(phase: number): number {
    if (this.#startsNs[phase] === Infinity) this.#startsNs[phase] = this.#port.phaseStartNs(phase);
    return this.#startsNs[phase]!;
  }

  /** What is intended from here on belongs to the next phase, or does not start at all. */
  closesNs(phase: number): number {
    if (this.#endsNs[phase] === Infinity) this.#endsNs[phase] = this.#port.phaseEndNs(phase);
    const stopNs = Math.min(this.#port.stopNs(), this.#interruptedAtNs);
    const overNs = this.startNs(phase) + this.#durationsNs[phase]!;
    return Math.min(stopNs, this.#endsNs[phase]!, overNs);
  }

  /** True once nothing may start any more. */
  halted(nowNs: number): boolean {
    if (this.#interruptedAtNs === Infinity && this.#port.interrupted()) {
      this.#interruptedAtNs = nowNs;
    }
    return nowNs >= this.#port.stopNs() || nowNs >= this.#interruptedAtNs;
  }
}

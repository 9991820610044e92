import type { Alarm } from './alarm.ts';
import { PacingBoard } from './pacing-board.ts';
import type { PacingPlace } from './pacing-thread.ts';

/** Rung by the pacing thread. It does not keep its own thread alive. */
export class BoardAlarm implements Alarm {
  readonly leadNs = 100_000;
  ring: () => void = () => {};
  readonly #board: PacingBoard;
  readonly #place: number;
  #listening = false;

  constructor({ memory, place }: PacingPlace) {
    this.#board = new PacingBoard(memory);
    this.#place = place;
  }

  set(atNs: number, nowNs: number): void {
    if (!this.#listening) {
      this.#listening = true;
      void this.#board.woken(this.#place).then(this.#woken);
    }
    this.#board.ask(this.#place, atNs, nowNs);
  }

  stop(): void {
    this.#board.withdraw(this.#place);
  }

  close(): void {
    this.stop();
  }

  readonly #woken = (): void => {
    this.#listening = false;
    this.ring();
  };
}

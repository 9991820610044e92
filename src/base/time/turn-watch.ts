/** What the event loop of this thread counts about itself. */
export interface LoopMetrics {
  /** Turns that have begun. */
  readonly loopCount: number;
  /** Events that were ready when the loop asked for them. Counted after their callbacks have run. */
  readonly eventsWaiting: number;
}

/** Of the thread that asks. */
export function readLoopMetrics(): LoopMetrics {
  return performance.nodeTiming.uvMetricsInfo;
}

/** A turn that took longer did something else than spin, or was taken off its core. */
const LONGEST_SPIN_TURN_NS = 50_000;

/**
 * Knows since when our event loop could have read what it has just read. Where nothing was ready
 * when the loop polled it slept, and the answer woke it: it has waited since the first callback of
 * this turn at most. Else it may have come at any time since the poll before, which was over
 * before the first callback of the turn before.
 *
 * `nodeTiming.idleTime` would say whether a poll slept, and not which: a turn with a long timer
 * callback of somebody else may lie between two of ours. `eventsWaiting` tells of all of them.
 */
export class TurnWatch {
  /** Entry of the first callback of ours in this turn, and in the last one before that had any. */
  entryNs = Number.NaN;
  previousEntryNs = Number.NaN;
  /** Since when what this turn delivered could have been read. Known once `afterPoll` was called. */
  freeNs = Number.NaN;
  /** Time in turns that did nothing but look at the clock. */
  spinNs = 0;

  readonly #read: () => LoopMetrics;
  #turn = -1;
  #judgedTurn = -1;
  #waitingSeen = 0;
  #lastSpinNs = Number.NaN;

  constructor(read: () => LoopMetrics = readLoopMetrics) {
    this.#read = read;
  }

  /** To be called by the first read callback of a turn. */
  inPoll(stampNs: number): void {
    this.#enter(this.#read().loopCount, stampNs);
  }

  /** To be called by callbacks that run behind the poll of their turn (`nextTurn`). */
  afterPoll(stampNs: number): void {
    const { loopCount, eventsWaiting } = this.#read();
    this.#enter(loopCount, stampNs);
    if (this.#judgedTurn === loopCount) return;
    this.#judgedTurn = loopCount;
    this.freeNs = eventsWaiting > this.#waitingSeen ? this.previousEntryNs : this.entryNs;
    this.#waitingSeen = eventsWaiting;
  }

  /** A callback behind the poll that only looks whether a time has come. */
  spun(stampNs: number): void {
    const lastNs = this.#lastSpinNs;
    const turnNs = stampNs - lastNs;
    this.afterPoll(stampNs);
    this.#lastSpinNs = stampNs;
    const nothingElse = this.entryNs === stampNs && this.previousEntryNs === lastNs;
    if (nothingElse && turnNs < LONGEST_SPIN_TURN_NS) this.spinNs += turnNs;
  }

  /** The time has come: what follows is work. */
  spinEnded(): void {
    this.#lastSpinNs = Number.NaN;
  }

  #enter(turn: number, stampNs: number): void {
    if (turn === this.#turn) return;
    this.#turn = turn;
    this.previousEntryNs = this.entryNs;
    this.entryNs = stampNs;
  }
}

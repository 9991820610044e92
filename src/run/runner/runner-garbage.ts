import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { readonly type: 'minor' }) => void;

/** What is kept of a second lives for minutes: what of it has died since is freed behind so many rows. */
const ROWS_BETWEEN_FULL = 60;

/**
 * The collections of the runner's thread, at moments of our choosing. It makes few objects and many
 * buffers, which V8 answers with a full collection every ten to fifteen seconds: that stops the
 * thread for some 10 ms, and V8's helper threads take another 40 ms from whoever shares their core
 * (docs/decisions/0002-pacing.md).
 */
export class RunnerGarbage {
  readonly #collect: Collect;
  #rows = 0;

  constructor() {
    // A context made behind the flag is the only place where V8 hands out its `gc`.
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as Collect;
  }

  /** Before the load: what the start left behind. */
  loadStarts(): void {
    this.#collect();
  }

  /** Behind a row: what it has let go of, in some tenths of a millisecond. */
  rowEnded(): void {
    if (++this.#rows % ROWS_BETWEEN_FULL === 0) this.#collect();
    else this.#collect({ type: 'minor' });
  }
}

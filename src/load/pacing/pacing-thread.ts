import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PacingBoard } from './pacing-board.ts';

/** What a traffic thread needs to be woken by the pacing thread: plain data. */
export interface PacingPlace {
  readonly memory: SharedArrayBuffer;
  /** From 0, another one for every flow of every thread. */
  readonly place: number;
}

/**
 * The one thread of a process that sleeps until somebody's next arrival, since timers of the
 * event loop are no better than a millisecond. It never keeps the process alive.
 */
export class PacingThread {
  readonly memory: SharedArrayBuffer;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;

  constructor(places: number) {
    this.memory = PacingBoard.allocate(places);
    // The file has the extension that this one has: .ts from the sources, .js from the package.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const main = new URL(`./pacing-thread-main.${extension}`, import.meta.url);
    // Flags of the process (a module from the command line, a profiler) are not for this thread.
    this.#worker = new Worker(main, { workerData: this.memory, name: 'pacing', execArgv: [] });
    this.#ended = once(this.#worker, 'exit');
    this.#worker.unref();
  }

  /** Ends the thread and resolves when it is gone. */
  async close(): Promise<void> {
    // Whoever awaits this must not see the process end for want of anything else to do.
    this.#worker.ref();
    new PacingBoard(this.memory).close();
    await this.#ended;
  }
}

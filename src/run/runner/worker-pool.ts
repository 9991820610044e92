import { setFlagsFromString } from 'node:v8';
import { Piscina } from 'piscina';
import type { WorkerReport, WorkerTask } from '../messages.ts';

/**
 * V8 begins with a young generation of 1 MiB, which a thread that turns its event loop fills a
 * hundred times a second, at 0.2 ms and more each. A worker's own resource limits do not move the
 * lower bound; this flag does, for threads started after it (docs/decisions/0002-pacing.md). It
 * costs up to 48 MiB a worker.
 */
const YOUNG_GENERATION = '--min-semi-space-size=16';

/** The traffic threads of one trial: one long task each, never a task per request. */
export class WorkerPool {
  readonly #pool: Piscina<WorkerTask, WorkerReport>;
  readonly #abort = new AbortController();

  constructor(workers: number) {
    setFlagsFromString(YOUNG_GENERATION);
    this.#pool = new Piscina<WorkerTask, WorkerReport>({
      filename: workerFile(),
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      // Piscina's Atomics wait would stop all I/O of a worker between tasks.
      atomics: 'disabled',
    });
    this.#pool.on('error', () => {}); // a lost worker rejects its own `run`
  }

  /** Resolves with the worker's report; rejects when its thread died or was aborted. */
  run(task: WorkerTask): Promise<WorkerReport> {
    return this.#pool.run(task, { signal: this.#abort.signal });
  }

  /** Ends the threads that still work; their `run` rejects. */
  abort(): void {
    this.#abort.abort();
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** The compiled or the source form of the worker, whichever this file is. */
function workerFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`../worker/worker-main.${extension}`, import.meta.url).href;
}

import { Worker } from 'node:worker_threads';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Nearest, SearchMessage, SearchPart } from './exact-messages.ts';
import type { SearchProgress } from './exact-neighbors.ts';

/** Searches the rows in so many threads at once, each a part of them. */
export class SearchThreads {
  readonly #part: Omit<SearchPart, 'index' | 'of'>;
  readonly #threads: number;
  readonly #progress: ((found: SearchProgress) => void) | undefined;
  readonly #done: number[] = [];
  readonly #all: number[] = [];

  constructor(
    part: Omit<SearchPart, 'index' | 'of'>,
    options: {
      readonly threads: number;
      readonly progress: ((found: SearchProgress) => void) | undefined;
    },
  ) {
    this.#part = part;
    this.#threads = options.threads;
    this.#progress = options.progress;
  }

  /** What each of them found. Throws what the first one failed with. */
  async run(): Promise<readonly Nearest[]> {
    const workers: Worker[] = [];
    try {
      return await Promise.all(
        Array.from({ length: this.#threads }, (_, index) => {
          const workerData: SearchPart = { ...this.#part, index, of: this.#threads };
          const worker = new Worker(workerFile(), { workerData });
          workers.push(worker);
          return this.#found(worker, index);
        }),
      );
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  }

  #found(worker: Worker, index: number): Promise<Nearest> {
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) => {
        reject(new LoadgenError('BUG', { reason: `a search thread ended with ${code}` }));
      });
      worker.on('message', (message: SearchMessage) => {
        if (message.kind === 'found') resolve(message.nearest);
        else if (message.kind === 'failed') reject(LoadgenError.fromRecord(message.error));
        else this.#tell(index, message);
      });
    });
  }

  #tell(index: number, { done, all }: { readonly done: number; readonly all: number }): void {
    this.#done[index] = done;
    this.#all[index] = all;
    this.#progress?.({
      feeder: this.#part.feeder,
      rowsDone: sum(this.#done),
      rows: sum(this.#all),
    });
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./search-thread-main.${extension}`, import.meta.url);
}

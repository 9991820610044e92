import {
  allocateSamples,
  SampleReader,
  type SampleMemory,
} from '../../measure/metrics/sample-ring.ts';

/** Carries raw samples from the workers to whoever writes them. */
export class SampleDrain {
  readonly memories: readonly SampleMemory[];
  readonly #readers: readonly SampleReader[];
  readonly #write: (worker: number, records: Uint8Array) => void;

  constructor(workers: number, write: (worker: number, records: Uint8Array) => void) {
    this.memories = Array.from({ length: workers }, () => allocateSamples());
    this.#readers = this.memories.map((memory) => new SampleReader(memory));
    this.#write = write;
  }

  drain(): void {
    for (const [worker, reader] of this.#readers.entries()) {
      const records = reader.take();
      if (records.length > 0) this.#write(worker, records);
    }
  }

  /** Records that did not fit, of all workers. */
  get dropped(): number {
    return this.#readers.reduce((sum, { dropped }) => sum + dropped, 0);
  }
}

import {
  allocateSamples,
  SampleReader,
  type SampleMemory,
} from '../../measure/metrics/sample-ring.ts';

/** Who takes raw samples; throwing ends the trial. */
export interface SampleSink {
  /** Numbers of drivers and steps that each record has, at most. */
  readonly values: number;
  append(worker: number, records: Uint8Array): void;
}

/** Carries raw samples from the workers to whoever writes them. */
export class SampleDrain {
  readonly memories: readonly SampleMemory[];
  readonly #readers: readonly SampleReader[];
  readonly #sink: SampleSink;

  constructor(workers: number, sink: SampleSink) {
    this.memories = Array.from({ length: workers }, () => allocateSamples(sink.values));
    this.#readers = this.memories.map((memory) => new SampleReader(memory));
    this.#sink = sink;
  }

  drain(): void {
    for (const [worker, reader] of this.#readers.entries()) {
      const records = reader.take();
      if (records.length > 0) this.#sink.append(worker, records);
    }
  }

  /** Records that did not fit, of all workers. */
  get dropped(): number {
    return this.#readers.reduce((sum, { dropped }) => sum + dropped, 0);
  }
}

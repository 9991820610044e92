import { PerformanceObserver } from 'node:perf_hooks';
import { NS_PER_MS } from '../../base/time/clock.ts';

/** Counts the garbage collections of the thread that makes it, until it is closed. */
export class GarbageCollections {
  count = 0;
  totalNs = 0;
  readonly #observer: PerformanceObserver;

  constructor(each: (durationNs: number) => void) {
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        const durationNs = duration * NS_PER_MS;
        this.count++;
        this.totalNs += durationNs;
        each(durationNs);
      }
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  close(): void {
    this.#observer.disconnect();
  }
}

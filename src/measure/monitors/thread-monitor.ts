import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { readLoopTimes } from '../../base/time/event-loop.ts';
import { GarbageCollections } from './garbage-collections.ts';
import { VitalsBoard } from './worker-vitals.ts';

/** What a thread monitor asks its worker. */
export interface ThreadSources {
  /** Time spent on waiting turn by turn, since the thread began. */
  spinNs(): number;
  /** Counting them may take a while: asked for once a second. */
  openConnections(): number;
}

/** The worker's side: writes how its thread spends its time. */
export class ThreadMonitor {
  readonly #board: VitalsBoard;
  readonly #sources: ThreadSources;
  readonly #collections: GarbageCollections;
  #openConnections = 0;
  /** Since the sample before: told with it, so that it is among the pauses that are counted. */
  #longestPauseNs = 0;
  #nextCountNs = Number.NEGATIVE_INFINITY;

  constructor(memory: SharedArrayBuffer, sources: ThreadSources) {
    this.#board = new VitalsBoard(memory);
    this.#sources = sources;
    this.#collections = new GarbageCollections((durationNs) => {
      this.#longestPauseNs = Math.max(this.#longestPauseNs, durationNs);
    });
  }

  /** To be called now and then: 100 times a second costs less than 0.1% of a core. */
  sample(nowNs: number): void {
    if (nowNs >= this.#nextCountNs) {
      this.#openConnections = this.#sources.openConnections();
      this.#nextCountNs = nowNs + NS_PER_SECOND;
    }
    const { user, system } = process.threadCpuUsage();
    this.#board.noteGarbageCollection(this.#longestPauseNs);
    this.#longestPauseNs = 0;
    const spinNs = this.#sources.spinNs();
    this.#board.write({
      atNs: nowNs,
      busyNs: readLoopTimes().activeNs - spinNs,
      spinNs,
      cpuNs: (user + system) * 1_000,
      gcCount: this.#collections.count,
      gcNs: this.#collections.totalNs,
      openConnections: this.#openConnections,
    });
  }

  close(): void {
    this.#collections.close();
  }
}

import { reasonOf } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS, type Cancel, type Clock } from '../../base/time/clock.ts';
import { MetricStore } from '../metrics/metric-store.ts';
import type { Phase } from '../metrics/outcome.ts';
import { seriesKey } from '../metrics/series-key.ts';
import type { ServerReading, ServerSource } from './server-source.ts';

/** Series that one source may have; what a server shows beyond is counted and left out. */
export const SERVER_SERIES_LIMIT = 200;

/** A server that answers no look within this is counted as a failure. */
const LOOK_TIMEOUT_MS = 5_000;

/** How the looks at one server fared. */
export interface ServerLooks extends Pick<ServerSource, 'target' | 'kind' | 'everyNs'> {
  readonly looks: number;
  readonly failures: number;
  /** Looks that were due while the one before had not come back. */
  readonly missed: number;
  /** Series beyond the limit. */
  readonly turnedAway: number;
  readonly lastError: string | null;
  /** Counters before the load and after it, as the server gave them. */
  readonly totals: readonly ServerTotal[];
}

export interface ServerTotal {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly before: number;
  readonly after: number;
}

/**
 * Looks at one server again and again, never twice at once, and keeps what it saw until somebody
 * takes it: counters as what they grew by, gauges as they were. A look belongs to the phase that it
 * ended in. Nothing that goes wrong here is more than counted.
 */
export class ServerMonitor {
  readonly #source: ServerSource;
  readonly #clock: Clock;
  readonly #counters = new Map<string, ServerTotal & { last: number }>();
  readonly #known = new Set<string>();
  readonly #turnedAway = new Set<string>();
  readonly #pending = new Map<Phase, MetricStore>();
  #phase: Phase;
  #looking: Promise<void> | undefined;
  /** The source has not come back, also where nobody waits for it any more. */
  #isReading = false;
  #cancel: Cancel | undefined;
  #looks = 0;
  #failures = 0;
  #missed = 0;
  #lastError: string | null = null;

  constructor(source: ServerSource, clock: Clock, phase: Phase) {
    this.#source = source;
    this.#clock = clock;
    this.#phase = phase;
  }

  /** The first look: what counters grow by counts from it. */
  async start(): Promise<void> {
    await this.#look();
    this.#schedule();
  }

  /** What grew until now belongs to the warm-up. */
  async measureBegan(): Promise<void> {
    if (this.#phase === 'measure') return;
    await this.#lookAfterTheOneBefore();
    this.#phase = 'measure';
  }

  /** The last look. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#lookAfterTheOneBefore();
    this.close();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#source.close();
  }

  /** What was seen in a phase since the call before. */
  take(phase: Phase): MetricStore | undefined {
    const pending = this.#pending.get(phase);
    this.#pending.delete(phase);
    return pending;
  }

  get looks(): ServerLooks {
    const { target, kind, everyNs } = this.#source;
    return {
      target,
      kind,
      everyNs,
      looks: this.#looks,
      failures: this.#failures,
      missed: this.#missed,
      turnedAway: this.#turnedAway.size,
      lastError: this.#lastError,
      totals: [...this.#counters.values()].map(({ metric, tags, before, last }) => {
        return { metric, tags, before, after: last };
      }),
    };
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(this.#source.everyNs / NS_PER_MS, () => {
      void this.#look();
      this.#schedule();
    });
  }

  async #lookAfterTheOneBefore(): Promise<void> {
    await this.#looking;
    await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#isReading) {
      this.#missed++;
      return;
    }
    this.#looks++;
    this.#looking = this.#readInTime()
      .then((readings) => this.#add(readings))
      .catch((thrown: unknown) => {
        this.#failures++;
        this.#lastError = reasonOf(thrown);
      });
    await this.#looking;
  }

  async #readInTime(): Promise<readonly ServerReading[]> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(LOOK_TIMEOUT_MS, () =>
      late.reject(new Error(`no answer within ${LOOK_TIMEOUT_MS} ms`)),
    );
    try {
      return await Promise.race([this.#read(), late.promise]);
    } finally {
      cancel();
    }
  }

  async #read(): Promise<readonly ServerReading[]> {
    this.#isReading = true;
    try {
      return await this.#source.read();
    } finally {
      this.#isReading = false;
    }
  }

  #add(readings: readonly ServerReading[]): void {
    const isFirst = this.#known.size === 0;
    // A page that shows a series twice shows nothing more by it.
    const distinct = new Map(
      readings.map((reading) => [seriesKey(reading.declaration.name, reading.tags), reading]),
    );
    const grown = [...distinct].flatMap(([key, reading]) => this.#grown(key, reading, isFirst));
    const seen = MetricStore.ofValues(grown, this.#phase);
    const pending = this.#pending.get(this.#phase);
    if (pending === undefined) this.#pending.set(this.#phase, seen);
    else pending.add(seen);
  }

  /** The reading with what its counter grew by; nothing where it is one series too many. */
  #grown(key: string, reading: ServerReading, isFirst: boolean): ServerReading[] {
    const { declaration, tags, value } = reading;
    if (!this.#known.has(key)) {
      if (this.#known.size === SERVER_SERIES_LIMIT) {
        this.#turnedAway.add(key);
        return [];
      }
      this.#known.add(key);
    }
    if (declaration.kind !== 'counter') return [reading];
    // A counter that shows up later was not there before: it has grown from 0.
    const first = { metric: declaration.name, tags, before: isFirst ? value : 0 };
    const counter = this.#counters.get(key) ?? { ...first, after: 0, last: first.before };
    this.#counters.set(key, counter);
    // One that went back began anew, as Prometheus itself takes it.
    const grown = value >= counter.last ? value - counter.last : value;
    counter.last = value;
    return [{ ...reading, value: grown }];
  }
}

import type { Interval } from '../measure/metrics/interval.ts';
import type { MetricSource } from '../measure/metrics/metric-source.ts';
import type { DeliveryCount } from './delivery-count.ts';

/** The trial that seconds belong to. */
export interface OutputTrial {
  readonly scenario: string;
  /** From 1. */
  readonly trial: number;
  /** The point of the sweep, and the repetition where there are several. */
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
}

/** One second of a trial, as every output is handed it. */
export interface OutputSecond {
  readonly trial: OutputTrial;
  readonly interval: Interval;
  /** The trial so far, both phases. It goes on counting: read it now, or as it then is. */
  readonly total: MetricSource;
  /** Wall clock, ms since 1970. */
  readonly endedAtMs: number;
  readonly trialStartedAtMs: number;
}

/**
 * A place that sees a run while it runs. It must never hold the run up: `accept` returns at once
 * and throws nothing, what waits to be sent stands in a queue with a named limit, and what does not
 * fit, or cannot be delivered, is dropped and counted in `account`.
 */
export interface LiveOutput {
  readonly account: DeliveryCount;
  accept(second: OutputSecond): void;
  /** Until what waits is delivered or dropped; the caller waits no longer than it likes. */
  settle(): Promise<void>;
  /** Drops what waits, and what is on its way as far as that can be called back. */
  giveUp(): void;
  /** Gives up what still waits, and every socket and file; nothing is accepted afterwards. */
  close(): Promise<void>;
}

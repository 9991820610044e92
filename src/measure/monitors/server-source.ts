import type { MetricDeclaration } from '../metrics/metric.ts';
import type { Tags } from '../metrics/metric-source.ts';

/** What one look at a server gives: counters as they stand, gauges as they are. */
export interface ServerReading {
  readonly declaration: MetricDeclaration;
  readonly tags: Tags;
  readonly value: number;
}

/** One way to look at one server. */
export interface ServerSource {
  readonly target: string;
  readonly kind: 'stats' | 'prometheus' | 'process' | 'disk';
  readonly everyNs: number;
  /** Throws, or rejects, where it cannot be had. */
  read(): Promise<readonly ServerReading[]>;
  close(): void;
}

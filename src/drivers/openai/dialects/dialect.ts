import type { StreamEvents } from '../stream/stream-events.ts';
import type { StreamTimes } from '../stream/stream-times.ts';

/** What a definition may be made of: one streamed answer, in ns after the epoch of the stamps. */
export interface StreamFacts {
  readonly intendedNs: number;
  readonly sentNs: number;
  readonly doneNs: number;
  readonly events: StreamEvents;
  readonly times: StreamTimes;
  /** By the server's count; NaN where it gives none. */
  readonly outputTokens: number;
}

/** One figure as another tool defines it. */
export type DialectMetric = {
  /** In the scenario and the result: the tool's name before its own word. */
  readonly name: string;
  /** The tool's own word. */
  readonly word: string;
  readonly formula: string;
} & (
  | {
      /** One value of an answer in ns, NaN where the tool has none. */
      readonly value: (stream: StreamFacts) => number;
      readonly each?: undefined;
    }
  | {
      /** Any number of values of an answer in ns, as the tool pools them. */
      readonly each: (stream: StreamFacts, take: (valueNs: number) => void) => void;
      readonly value?: undefined;
    }
);

/** A tool's definitions, and where they were read. */
export interface Dialect {
  readonly title: string;
  readonly source: string;
  readonly metrics: readonly DialectMetric[];
}

/** A definition that is asked for, and where its values go. */
export interface DialectPlace {
  readonly metric: DialectMetric;
  /** In `OperationSlots.phases`, or in `samples` where there are many. */
  readonly place: number;
}

import type { StepOptions } from '../support/driver-bench.ts';
import type { Outcome } from '../../src/measure/metrics/outcome.ts';

/** What a driver's folder under test/drivers says about it, so that the conformance suite can ask. */
export interface DriverFixture {
  /** Why its server cannot be started here; missing or false where it can. */
  readonly skip?: string | false;
  /** Starts a server in a process of its own that shows everything the steps below need. */
  start(): Promise<FixtureServer>;
  readonly steps: FixtureSteps;
  /** Connections that a driver's first operation opens beside its own, each operation having one. */
  readonly firstConnections?: number;
  /** Of the target, parsed; none by default. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What `fixture.ts` of a driver's folder exports. */
export interface FixtureModule {
  readonly fixture: DriverFixture;
  /** The same driver with other options of its target, by what they are. */
  readonly variants?: Readonly<Record<string, DriverFixture>>;
}

export interface FixtureServer {
  readonly port: number;
  /** The target's url for this server, or for another port that leads to it. */
  url(port: number): string;
  /** Connections that were accepted since the start, one for each of these questions included. */
  connectionsAccepted(): Promise<number>;
  stop(): Promise<void>;
}

export interface FixtureSteps {
  /** Succeeds quickly; its answer has a body. */
  readonly ok: StepOptions;
  /** Succeeds after `delayMs`. */
  delayed(delayMs: number): StepOptions;
  /** Succeeds with a body of `bytes` in several parts. */
  large(bytes: number): StepOptions;
  /** Is never answered. */
  readonly silence: StepOptions;
  /** Ends the server. */
  readonly die: StepOptions;
  /** Every other way to fail that the protocol knows → what its outcome is. */
  readonly failing: readonly (readonly [title: string, step: StepOptions, outcome: Outcome])[];
}

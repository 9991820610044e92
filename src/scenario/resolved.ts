import type { FeederSpec } from '../data/feeder-schema.ts';
import type { ProgramNode } from '../iteration/program.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { ThinkTime } from '../iteration/think-time.ts';
import type { Load } from '../load/executors/load-schema.ts';
import type { MonitorSpec } from '../measure/monitors/monitor-schema.ts';
import type { OutputsSpec } from '../outputs/outputs-schema.ts';
import type { VerdictRule } from '../measure/validity/verdict-rule-schema.ts';
import type { ThresholdSpec } from '../measure/thresholds/threshold-schema.ts';

export type Scalar = string | number | boolean;

/**
 * One parameter combination of a scenario with nothing left open: environment, profile, overrides
 * and params are in, units are plain numbers. Plain data, handed to workers as it is.
 */
export interface ResolvedTrial {
  readonly scenario: string;
  /** Folder of the scenario file: data files are relative to it. */
  readonly baseFolder: string;
  readonly seed: number;
  /** From 1. */
  readonly trial: number;
  /** Which of several runs of the same point this is, from 1; undefined where there is one. */
  readonly repetition?: number;
  /** Swept axes by their key as written → the value or point of this trial. */
  readonly axes: Readonly<Record<string, Scalar>>;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly data: Readonly<Record<string, FeederSpec>>;
  readonly flows: readonly ResolvedFlow[];
  /** What is done before the load and after it, each part when the one before it has ended. */
  readonly prepare?: readonly ResolvedFlow[];
  readonly cleanUp?: readonly ResolvedFlow[];
  readonly thresholds: readonly ThresholdSpec[];
  /** Other tools by whose definitions drivers measure too. */
  readonly dialects?: readonly string[];
  /** The scenario's own rules for the verdict, beside those built in. */
  readonly verdict?: readonly VerdictRule[];
}

export interface ResolvedTarget {
  readonly name: string;
  readonly driver: string;
  /** Empty when `server` is to be started. */
  readonly url: string;
  readonly server?: string;
  /** Of a server that is started. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly connection: 'perVu' | 'pooled' | 'perRequest';
  readonly connections?: number;
  /** What of the server is looked at under load. */
  readonly monitor?: MonitorSpec;
  readonly labels: Readonly<Record<string, string>>;
  /** The driver's own keys, parsed. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ResolvedFlow {
  /** `main` where the scenario has `steps` and `load` at its top. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Its operations in the order in which they are written. */
  readonly steps: readonly StepPlan[];
  /** What an iteration does, where that is more than the steps one after the other. */
  readonly program?: readonly ProgramNode[];
  /** Think steps after the last other one. */
  readonly thinkAfter?: readonly ThinkTime[];
  readonly load: Load;
  /** Of its plan, choices, think times and ids, where those shall not repeat the trial's. */
  readonly seed?: number;
}

export interface ResolvedScenario {
  readonly name: string;
  readonly file: string;
  readonly trials: readonly ResolvedTrial[];
  /** What happens between trials; undefined where there is one only, or nothing. */
  readonly between?: { readonly pauseNs: number; readonly stopOnFail: boolean };
  readonly report: { readonly formats: readonly string[] };
  /** Who sees the run while it runs; of the last trial where they differ. */
  readonly outputs?: OutputsSpec;
  /** Paths of the effective config that came from the environment into url, headers and the like. */
  readonly redactedPaths: readonly string[];
  /** The source after overrides, with its sweep, redacted. */
  readonly effectiveConfig: Readonly<Record<string, unknown>>;
  /** The same for each trial, in the order of `trials`: for its `effective_config.yaml`. */
  readonly trialConfigs?: readonly Readonly<Record<string, unknown>>[];
}

import type { Clock } from '../base/time/clock.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Driver, DriverDefinition } from '../drivers/driver.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import type { Share } from '../load/pacing/share.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';
import type { IterationRecorder, OperationRecorder } from '../measure/metrics/recorder.ts';
import type { ConnectReport } from './flow-sessions.ts';
import type { ProgramNode } from './program.ts';
import type { ThinkTime } from './think-time.ts';
import type { StepPlan } from './step-schema.ts';
import type { RowWatch, WriteSink } from './watch-writes.ts';

/** All that the steps of one flow in one worker run on. */
export interface FlowRuntime {
  /** Index of the flow, as the recorder counts it. */
  readonly flow: number;
  /** VU `v` uses the slot `slotBase + v`, and there are `slotCount` of them. */
  readonly slotBase: number;
  readonly slotCount: number;
  readonly steps: readonly StepPlan[];
  /** What an iteration does, where that is more than the steps one after the other. */
  readonly program?: readonly ProgramNode[] | undefined;
  /** The first lane of each step. */
  readonly lanes: readonly number[];
  /** By target. */
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly feeders: ReadonlyMap<string, Feeder>;
  readonly slots: OperationSlots;
  readonly recorder: OperationRecorder & IterationRecorder;
  readonly clock: Clock;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly share: Share;
  /** Think steps after the last other one. */
  readonly thinkAfter?: readonly ThinkTime[] | undefined;
  readonly naps: Naps;
  /** Takes answers that are to be scored; by step, the number of its first scorer and the fields. */
  readonly scores?: StepScores | undefined;
}

export interface StepScores {
  readonly sink: ScoreSink & WriteSink;
  readonly firstScorers: readonly number[];
  readonly answerFields: readonly (readonly string[])[];
  /** Of steps whose writes decide over what is right. */
  readonly watches: readonly (RowWatch | undefined)[];
}

/** Where answers go to be scored; never waits, and never throws for an answer. */
export interface ScoreSink {
  score(answer: ScoredAnswer): void;
}

export interface ScoredAnswer {
  /** Among all scorers of the trial. */
  readonly scorer: number;
  readonly phase: number;
  readonly iteration: number;
  readonly sentNs: number;
  readonly doneNs: number;
  /** The field of the answer, and what is right. */
  readonly answer: unknown;
  readonly reference: unknown;
}

/** Where VUs wait between two steps. */
export interface Naps {
  /** Calls `wake` at that time, or when somebody wakes the VU, and never within this call. */
  until(vu: number, untilNs: number, wake: () => void): void;
  wake(vu: number): void;
  wakeAll(): void;
}

/** The steps of one flow in one worker, compiled. */
export interface FlowRunner {
  /**
   * Runs the steps once. After it has returned, `listener` hears of the end of the last step, from
   * which a closed model's next iteration is intended, or of TEMPLATE_FAILED for a row that breaks
   * a template, which ends the run, or of a bug; what fails at once is thrown.
   */
  iterate(vu: number, start: IterationStart, listener: IterationListener): void;
  /** Opens the sessions of the first `count` VUs ahead of load. */
  connect(count: number): Promise<ConnectReport>;
  /** Ends open operations as interrupted; no step starts after it. */
  interrupt(): void;
  /** Ends the iteration that a VU runs as interrupted, if it runs one; its next one may follow. */
  interruptVu(vu: number): void;
  close(): void;
  /** Sessions that were opened, those closed since included. */
  readonly sessionsOpen: number;
  /** Which expectations answers did not meet, and how often; by the name of the target. */
  readonly brokenChecks: readonly { target: string; reason: string; count: number }[];
}

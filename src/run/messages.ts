import type { ErrorRecord } from '../base/errors/loadgen-error.ts';
import type { RowWatch } from '../iteration/watch-writes.ts';
import type { Share } from '../load/pacing/share.ts';
import { MEASURE, WARMUP } from '../measure/metrics/outcome.ts';
import type { SampleMemory } from '../measure/metrics/sample-ring.ts';
import type { SeriesLayout } from '../measure/metrics/series-layout.ts';
import type { SharedRecorder } from '../measure/metrics/shared-recorder.ts';
import type { ScoreMemory } from '../measure/quality/score-ring.ts';
import type { InexactAnswer } from '../measure/quality/exact-index.ts';
import type { AnswerDigest, ScorePlan, WorstAnswers } from '../measure/quality/score-tally.ts';
import type { SeriesRecord } from '../measure/metrics/metric-store.ts';
import type { ResolvedTrial } from '../scenario/resolved.ts';

/** What a worker is handed once, at the start of a trial; it needs no other message. */
export interface WorkerTask {
  readonly trial: ResolvedTrial;
  /** Among the workers of this process. */
  readonly worker: number;
  readonly workers: number;
  /** This process among all of a distributed run. */
  readonly shard: number;
  readonly shards: number;
  /** Where the runner's clock has its zero on CLOCK_MONOTONIC; the worker asserts its own. */
  readonly clockOriginNs: number;
  readonly control: SharedArrayBuffer;
  readonly layout: SeriesLayout;
  readonly recorder: SharedRecorder;
  /** Of the pacing thread, where one is needed: places for every flow of every worker. */
  readonly pacing: SharedArrayBuffer | undefined;
  /** Where the worker tells how its thread fares. */
  readonly vitals: SharedArrayBuffer;
  /** Of the raw sample log, where one is asked for. */
  readonly samples?: SampleMemory;
  /** Where answers are scored: by which scorers, and through which memory. */
  readonly scores?: {
    readonly plans: readonly ScorePlan[];
    readonly memory: ScoreMemory;
    /** By flow and step: whose writes decide over what is right. */
    readonly watches: readonly (readonly (RowWatch | undefined)[])[];
  };
}

/** What the scorer's thread is handed at its start. */
export interface ScorerTask {
  readonly plans: readonly ScorePlan[];
  readonly memories: readonly ScoreMemory[];
}

/** What it tells: what it has counted since the message before, and at last what was worst. */
export type ScorerMessage =
  | { readonly kind: 'scores'; readonly records: readonly SeriesRecord[] }
  | { readonly kind: 'inexact'; readonly answer: InexactAnswer }
  | {
      readonly kind: 'done';
      readonly worst: readonly WorstAnswers[];
      readonly digests: readonly AnswerDigest[];
    };

/**
 * A worker's place among the workers of all shards. Events are dealt to the shards first and to the
 * workers of each then, so that a shard's part does not depend on how many workers the others have.
 */
export function shareOfTask(
  task: Pick<WorkerTask, 'shard' | 'shards' | 'worker' | 'workers'>,
): Share {
  return {
    index: task.worker * task.shards + task.shard,
    count: task.workers * task.shards,
  };
}

/** What a flow of a worker is woken for: its arrivals and VUs, and those that think. */
const PACING_PURPOSES = ['arrivals', 'naps'] as const;
export type PacingPurpose = (typeof PACING_PURPOSES)[number];

/** Places that a pacing thread has for the flows of so many workers. */
export function pacingPlaces(flows: number, workers: number): number {
  return workers * flows * PACING_PURPOSES.length;
}

export function pacingPlace(
  { worker, trial }: Pick<WorkerTask, 'worker' | 'trial'>,
  purpose: PacingPurpose,
  flow: number,
): number {
  const flowPlace = worker * trial.flows.length + flow;
  return flowPlace * PACING_PURPOSES.length + PACING_PURPOSES.indexOf(purpose);
}

/** What a worker returns when all of its load has ended. */
export interface WorkerReport {
  readonly worker: number;
  /** Set when the set-up was broken or loadgen has a bug; the rest is as far as it went. */
  readonly error?: ErrorRecord;
  readonly failureReasons: readonly FailureReason[];
  readonly settingsKept: readonly SettingsKept[];
  readonly sessionsOpened: number;
}

/** What a server said that it keeps of a thing that was made there. */
export interface SettingsKept {
  readonly target: string;
  /** Its name there. */
  readonly of: string;
  readonly settings: Readonly<Record<string, string | number>>;
}

export interface FailureReason {
  readonly target: string;
  readonly reason: string;
  readonly count: number;
}

/** Indexes of the words in shared memory. */
const WORD = {
  startKnown: 0,
  measureKnown: 1,
  stopKnown: 2,
  interrupted: 3,
  ready: 4,
  endKnown: 5,
  endsLater: 6,
  flows: 7,
};
const INSTANT = { start: 0, measure: 1, end: 2, stop: 3, count: 4 };
/** How far ahead the end of a flow is published, so that every worker knows it before it comes. */
const FLOW_END_AHEAD_NS = 50_000_000;
/** Per flow: iterations taken in the warm-up, in the measured phase, and VUs that found none left. */
const FLOW_WORDS = 3;
const RAN_OUT = 2;
/** Per flow, behind those: workers that have ended it, and whether its end is known. */
const END_WORD = { workers: 0, known: 1 };
const END_WORDS = 2;

/** When phases begin and end, in clock ns: published once each by the runner, read by everybody. */
export class ControlBlock {
  readonly #words: Int32Array;
  readonly #instants: Float64Array;
  readonly #flows: number;
  readonly memory: SharedArrayBuffer;

  static allocate(flows: number): ControlBlock {
    const words = WORD.flows + flows * (FLOW_WORDS + END_WORDS);
    const instants = INSTANT.count + 2 * flows;
    const memory = new SharedArrayBuffer(instants * 8 + words * 4);
    return new ControlBlock(memory, flows);
  }

  constructor(memory: SharedArrayBuffer, flows: number) {
    const instants = INSTANT.count + 2 * flows;
    this.#flows = flows;
    this.memory = memory;
    this.#instants = new Float64Array(memory, 0, instants);
    this.#words = new Int32Array(memory, instants * 8);
  }

  /** S, and where it is known already T0 and T1. */
  publishStart(startNs: number): void {
    this.#instants[INSTANT.start] = startNs;
    Atomics.store(this.#words, WORD.startKnown, 1);
  }

  /** T0, and T1: Infinity for a load that ends by count, or whose T1 is published later. */
  publishMeasure(t0Ns: number, t1Ns: number, endsLater = false): void {
    this.#instants[INSTANT.measure] = t0Ns;
    if (endsLater) Atomics.store(this.#words, WORD.endsLater, 1);
    else this.publishEnd(t1Ns);
    Atomics.store(this.#words, WORD.measureKnown, 1);
  }

  /** T1. Only the first one counts. */
  publishEnd(t1Ns: number): void {
    if (Atomics.load(this.#words, WORD.endKnown) === 1) return;
    this.#instants[INSTANT.end] = t1Ns;
    Atomics.store(this.#words, WORD.endKnown, 1);
  }

  /** There will be a T1, whether it is known yet or not; else iterations end the load. */
  get endsByTime(): boolean {
    return Atomics.load(this.#words, WORD.endsLater) === 1 || this.phaseEndNs(MEASURE) < Infinity;
  }

  /** X: what is intended at or after it does not start. Only the first stop counts. */
  publishStop(stopNs: number): void {
    if (Atomics.load(this.#words, WORD.stopKnown) === 1) return;
    this.#instants[INSTANT.stop] = stopNs;
    Atomics.store(this.#words, WORD.stopKnown, 1);
  }

  publishInterrupt(): void {
    Atomics.store(this.#words, WORD.interrupted, 1);
  }

  workerIsReady(): void {
    Atomics.add(this.#words, WORD.ready, 1);
  }

  get workersReady(): number {
    return Atomics.load(this.#words, WORD.ready);
  }

  phaseStartNs(phase: number): number {
    if (phase === WARMUP) return this.#instant(WORD.startKnown, INSTANT.start);
    return this.#instant(WORD.measureKnown, INSTANT.measure);
  }

  phaseEndNs(phase: number): number {
    return phase === MEASURE
      ? this.#instant(WORD.endKnown, INSTANT.end)
      : this.#instant(WORD.measureKnown, INSTANT.measure);
  }

  get stopNs(): number {
    return this.#instant(WORD.stopKnown, INSTANT.stop);
  }

  get interrupted(): boolean {
    return Atomics.load(this.#words, WORD.interrupted) === 1;
  }

  /** The next number of a flow's shared iteration counter, from 0. */
  takeIteration(flow: number, phase: number): number {
    return Atomics.add(this.#words, WORD.flows + flow * FLOW_WORDS + phase, 1);
  }

  /** A VU of the flow found no iteration left: from the first such time on, load declines. */
  ranOut(flow: number, nowNs: number): void {
    const at = INSTANT.count + flow;
    if (this.#instants[at] === 0) this.#instants[at] = nowNs;
    Atomics.add(this.#words, WORD.flows + flow * FLOW_WORDS + RAN_OUT, 1);
  }

  /** VUs of the flow that found no iteration left. */
  ranOutCount(flow: number): number {
    return Atomics.load(this.#words, WORD.flows + flow * FLOW_WORDS + RAN_OUT);
  }

  /** When the flow's iterations ran out, or undefined. */
  ranOutNs(flow: number): number | undefined {
    return this.#instants[INSTANT.count + flow] || undefined;
  }

  /** A worker has ended its part of a flow; the last of `workers` publishes the end of it. */
  flowEnded(flow: number, workers: number, nowNs: number): void {
    const word = this.#endWord(flow);
    if (Atomics.add(this.#words, word + END_WORD.workers, 1) + 1 < workers) return;
    this.#instants[INSTANT.count + this.#flows + flow] = nowNs + FLOW_END_AHEAD_NS;
    Atomics.store(this.#words, word + END_WORD.known, 1);
  }

  /** When a flow has ended, a little ahead of when it is published; Infinity before. */
  flowEndNs(flow: number): number {
    return this.#instant(this.#endWord(flow) + END_WORD.known, INSTANT.count + this.#flows + flow);
  }

  #endWord(flow: number): number {
    return WORD.flows + this.#flows * FLOW_WORDS + flow * END_WORDS;
  }

  #instant(known: number, instant: number): number {
    return Atomics.load(this.#words, known) === 1
      ? this.#instants[instant]!
      : Number.POSITIVE_INFINITY;
  }
}

import type { Cancel } from '../../../src/base/time/clock.ts';
import type {
  IterationListener,
  IterationStart,
  LoadPort,
} from '../../../src/load/executors/executor.ts';
import type { Load } from '../../../src/load/executors/load-schema.ts';
import { loadSchema } from '../../../src/load/executors/load-schema.ts';
import { ownIterations, type OwnIterations } from '../../../src/load/executors/own-iterations.ts';
import { modelOf } from '../../../src/load/executors/registry.ts';
import { runLoad } from '../../../src/load/executors/run-load.ts';
import { slotsNeeded } from '../../../src/load/executors/slots-needed.ts';
import type { Pacer } from '../../../src/load/pacing/pacer.ts';
import type { Share } from '../../../src/load/pacing/share.ts';
import { MEASURE, UNSENT_REASONS, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import type { IterationRecorder } from '../../../src/measure/metrics/recorder.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const MS = 1e6;
export const SECOND = 1e9;

/** A scenario's `load`, parsed. */
export function load(source: Record<string, unknown>): Load {
  return loadSchema.parse(source);
}

/** Wakes at exactly the time asked for, or `lateNs` after it. */
export class FakePacer implements Pacer {
  readonly #clock: FakeClock;
  readonly #lateNs: number;
  #cancel: Cancel | undefined;

  constructor(clock: FakeClock, lateNs = 0) {
    this.#clock = clock;
    this.#lateNs = lateNs;
  }

  waitUntil(dueNs: number, wake: () => void): void {
    this.cancel();
    this.#cancel = this.#clock.at(dueNs + this.#lateNs, wake);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

export interface Account {
  due: number;
  started: number;
  ended: number;
  waiting: number;
  lags: number[];
  readonly unsent: Record<string, number>;
}

/** Counts what an executor tells its recorder, and checks the identity whenever it is asked. */
export class CountingRecorder implements IterationRecorder {
  readonly phases: readonly [Account, Account] = [emptyAccount(), emptyAccount()];

  due(phase: number, _flow: number, count: number): void {
    this.phases[phase as 0 | 1].due += count;
  }
  started(phase: number): void {
    this.phases[phase as 0 | 1].started++;
  }
  ended(phase: number): void {
    this.phases[phase as 0 | 1].ended++;
  }
  unsent(phase: number, _flow: number, reason: number, count: number): void {
    this.phases[phase as 0 | 1].unsent[UNSENT_REASONS[reason]!]! += count;
  }
  waiting(phase: number, _flow: number, count: number): void {
    this.phases[phase as 0 | 1].waiting = count;
  }
  pacerLag(phase: number, _flow: number, lagNs: number): void {
    this.phases[phase as 0 | 1].lags.push(lagNs);
  }

  /** What is wrong with due = started + unsent + waiting, or with the lags; undefined if nothing. */
  get broken(): string | undefined {
    for (const [phase, account] of this.phases.entries()) {
      const { due, started, waiting, lags } = account;
      if (due !== started + unsentOf(account) + waiting || lags.length !== due) {
        return `phase ${phase}: ${JSON.stringify({ ...account, lags: lags.length })}`;
      }
    }
    return undefined;
  }
}

export function unsentOf({ unsent }: Account): number {
  return Object.values(unsent).reduce((sum, count) => sum + count, 0);
}

function emptyAccount(): Account {
  const unsent = Object.fromEntries(UNSENT_REASONS.map((reason) => [reason, 0]));
  return { due: 0, started: 0, ended: 0, waiting: 0, lags: [], unsent };
}

/** One iteration as the scripted port saw it. */
export type SeenIteration = Readonly<IterationStart> & { readonly vu: number; endedNs: number };

/** What all workers of a run share: the instants, and the iteration counters. */
export class SharedRun {
  readonly taken = [0, 0];
  startNs = 0;
  measureNs = Infinity;
  endNs = Infinity;
  stopNs = Infinity;
  interrupted = false;
  /** Iterations of the measured phase, in a closed load that counts them. */
  iterations = Infinity;

  phaseStart(phase: number): number {
    return phase === WARMUP ? this.startNs : this.measureNs;
  }
}

export interface ScriptedPortOptions {
  readonly load: Load;
  readonly clock?: FakeClock;
  readonly run?: SharedRun;
  readonly share?: Share;
  readonly seed?: number;
  readonly pacerLateNs?: number;
  /** How long an iteration takes. */
  readonly serviceNs?: (start: IterationStart, vu: number) => number;
  /** Think time after an iteration. */
  readonly thinkNs?: (start: IterationStart, vu: number) => number;
}

/** A worker's world in a test: iterations end after scripted times on a fake clock. */
export class ScriptedPort implements LoadPort {
  readonly clock: FakeClock;
  readonly pacer: Pacer;
  readonly run: SharedRun;
  readonly share: Share;
  readonly flow = 0;
  readonly flowName = 'main';
  readonly seed: number;
  readonly slotCount: number;
  readonly recorder = new CountingRecorder();
  readonly seen: SeenIteration[] = [];
  /** VUs that run an iteration now; `iterate` refuses to run two at once. */
  readonly busy = new Set<number>();
  readonly #options: ScriptedPortOptions;
  readonly #open = new Map<number, () => void>();
  readonly #own: readonly (OwnIterations | undefined)[];

  constructor(options: ScriptedPortOptions) {
    this.#options = options;
    this.clock = options.clock ?? new FakeClock();
    this.pacer = new FakePacer(this.clock, options.pacerLateNs);
    this.run = options.run ?? new SharedRun();
    this.share = options.share ?? { index: 0, count: 1 };
    this.seed = options.seed ?? 1;
    this.slotCount = slotsNeeded(options.load, this.share);
    this.#own = [options.load.warmup?.load, options.load].map(
      (phase) => phase && ownIterations(modelOf(phase), this.share, this.slotCount),
    );
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    this.#run(vu, start).then(
      (nextNs) => listener.ended(vu, nextNs),
      (thrown: unknown) => listener.failed(thrown),
    );
  }

  #run(vu: number, start: IterationStart): Promise<number> {
    if (this.busy.has(vu) || vu < 0 || vu >= this.slotCount) {
      return Promise.reject(new Error(`VU ${vu} cannot run this iteration`));
    }
    this.busy.add(vu);
    const seen = { ...start, vu, endedNs: Infinity };
    this.seen.push(seen);
    const serviceNs = this.#options.serviceNs?.(start, vu) ?? 0;
    const thinkNs = this.#options.thinkNs?.(start, vu) ?? 0;
    if (serviceNs === 0) return Promise.resolve(this.#end(seen) + thinkNs);
    return new Promise((resolve) => {
      const end = (): void => resolve(this.#end(seen) + thinkNs);
      const cancel = this.clock.at(this.clock.nowNs() + serviceNs, end);
      this.#open.set(vu, () => {
        cancel();
        end();
      });
    });
  }

  #end(seen: SeenIteration): number {
    this.#open.delete(seen.vu);
    this.busy.delete(seen.vu);
    seen.endedNs = this.clock.nowNs();
    this.recorder.ended(seen.phase);
    return seen.endedNs;
  }

  /** What the runner does when `gracefulStop` has passed: open iterations end at once. */
  interrupt(): void {
    this.run.interrupted = true;
    for (const end of this.#open.values()) end();
  }

  interruptVu(vu: number): void {
    this.#open.get(vu)?.();
  }

  phaseStartNs(phase: number): number {
    return this.run.phaseStart(phase);
  }
  phaseEndNs(phase: number): number {
    return phase === WARMUP ? this.run.measureNs : this.run.endNs;
  }
  stopNs(): number {
    return this.run.stopNs;
  }
  interrupted(): boolean {
    return this.run.interrupted;
  }
  takeIteration(phase: number, vu: number): number {
    const { taken, iterations } = this.run;
    const own = this.#own[phase];
    if (own !== undefined) return phase === MEASURE && !own.isLeft(vu) ? -1 : own.take(vu);
    if (phase === MEASURE && taken[phase]! >= iterations) return -1;
    return taken[phase]!++;
  }
}

/** The instants of a run: S at 1 s, T0 with it, unless a test says otherwise. */
export interface Instants {
  readonly startNs?: number;
  readonly measureNs?: number;
  readonly endNs?: number;
  readonly iterations?: number;
}

/** Starts a load on a scripted port; the test moves the clock. */
export function begin(
  options: ScriptedPortOptions,
  { startNs = SECOND, measureNs = startNs, endNs = Infinity, iterations = Infinity }: Instants = {},
): { port: ScriptedPort; ended: Promise<void>; isOver: () => boolean } {
  const run = new SharedRun();
  Object.assign(run, { startNs, measureNs, endNs, iterations });
  const port = new ScriptedPort({ run, ...options });
  let over = false;
  const ended = runLoad(options.load, port).then(() => {
    over = true;
  });
  return { port, ended, isOver: () => over };
}

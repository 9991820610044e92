import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';
import { compileFlow, type FlowRunner } from '../../src/iteration/compile-flow.ts';
import { ownDeclarations } from '../../src/iteration/own-metrics.ts';
import type { ProgramNode } from '../../src/iteration/program.ts';
import type { Naps } from '../../src/iteration/flow-runtime.ts';
import type { StepPlan } from '../../src/iteration/step-schema.ts';
import type { ThinkTime } from '../../src/iteration/think-time.ts';
import type { IterationStart } from '../../src/load/executors/executor.ts';
import { MEASURE } from '../../src/measure/metrics/outcome.ts';
import { OperationSlots } from '../../src/measure/metrics/operation-slots.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FAKE_DEFINITION, FakeDriver, type Answer, type FakeRequest } from './fake-driver.ts';
import { FakeRecorder } from './fake-recorder.ts';

export const SLOT_BASE = 3;
export const START_NS = 1e9;

/** A step of the fake driver with nothing but a name. */
export function stepOf(step: Partial<StepPlan> & { name: string }): StepPlan {
  return {
    target: 'main',
    driver: 'fake',
    verb: 'request',
    spec: {},
    expect: [],
    extract: {},
    slo: {},
    timeoutMs: 30_000,
    onFail: 'endIteration',
    tags: {},
    ...step,
  };
}

export interface FlowOptions {
  readonly answer?: (request: FakeRequest) => Answer;
  readonly rows?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** Feeders that are more than rows, as scenarios write them. */
  readonly feeders?: Readonly<Record<string, unknown>>;
  readonly program?: readonly ProgramNode[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly slotCount?: number;
  readonly share?: { readonly index: number; readonly count: number };
  readonly flow?: number;
  readonly seed?: number;
  readonly thinkAfter?: readonly ThinkTime[];
}

/** Wakes VUs exactly when they asked for it. */
class FakeNaps implements Naps {
  readonly #clock: FakeClock;
  readonly #wakes = new Map<number, () => void>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  until(vu: number, untilNs: number, wake: () => void): void {
    const cancel = this.#clock.at(untilNs, () => this.wake(vu));
    this.#wakes.set(vu, () => {
      cancel();
      wake();
    });
  }

  wake(vu: number): void {
    const wake = this.#wakes.get(vu);
    this.#wakes.delete(vu);
    wake?.();
  }

  wakeAll(): void {
    for (const vu of this.#wakes.keys()) this.wake(vu);
  }
}

/** One flow with fakes around it: clock, recorder, and a driver for each target. */
export class FlowFixture {
  // Not at 0, which in `sent` means that nothing was.
  readonly clock = new FakeClock({ nowNs: START_NS });
  readonly recorder = new FakeRecorder();
  readonly drivers = new Map<string, FakeDriver>();
  readonly naps = new FakeNaps(this.clock);
  readonly slots: OperationSlots;
  readonly flow: FlowRunner;

  static async create(steps: readonly StepPlan[], options: FlowOptions = {}): Promise<FlowFixture> {
    const feeders = new Map<string, Feeder>();
    const inline = Object.entries(options.rows ?? {}).map(([name, rows]) => [
      name,
      { inline: rows },
    ]);
    const written = { ...Object.fromEntries(inline), ...options.feeders } as object;
    for (const [name, feeder] of Object.entries(written)) {
      const spec = feederSchema.parse(feeder);
      feeders.set(name, await openFeeder(name, spec, { seed: 1, baseFolder: '/' }));
    }
    return new FlowFixture(steps, options, feeders);
  }

  private constructor(
    steps: readonly StepPlan[],
    options: FlowOptions,
    feeders: ReadonlyMap<string, Feeder>,
  ) {
    const { slotCount = 2, answer = () => ({}), share = { index: 0, count: 1 } } = options;
    const own = Math.max(0, ...steps.map((step) => ownDeclarations(step).length));
    const phases = FAKE_DEFINITION.phases.length + own;
    this.slots = new OperationSlots(SLOT_BASE + slotCount, phases, { counts: 1, samples: 1 });
    const targets = new Set(steps.map(({ target }) => target));
    for (const target of targets) {
      this.drivers.set(target, new FakeDriver(this.clock, this.slots, answer));
    }
    this.flow = compileFlow({
      flow: options.flow ?? 0,
      slotBase: SLOT_BASE,
      slotCount,
      steps,
      program: options.program,
      lanes: steps.map((_, index) => 10 + index),
      drivers: this.drivers,
      definitions: new Map([...targets].map((target) => [target, FAKE_DEFINITION])),
      feeders,
      slots: this.slots,
      recorder: this.recorder,
      clock: this.clock,
      params: options.params ?? {},
      seed: options.seed ?? 1,
      share,
      thinkAfter: options.thinkAfter,
      naps: this.naps,
    });
  }

  get driver(): FakeDriver {
    return this.drivers.get('main')!;
  }

  /** What an executor does; resolves to what `iterate` resolves to. */
  start(vu: number, iteration: number, phase: number = MEASURE): Promise<number> {
    this.recorder.started(phase, 0, vu);
    const nowNs = this.clock.nowNs();
    const start = { phase, iteration, intendedNs: nowNs, pickedNs: nowNs, acquiredNs: nowNs };
    return iterated(this.flow, vu, start);
  }

  /** Runs one iteration to its end and resolves to what it recorded. */
  async run(iteration = 0, vu = 0): Promise<{ outcome: string; operations: string[] }> {
    const before = this.recorder.operations.length;
    const iterated = this.start(vu, iteration);
    // A rejection is what the caller is to see, not Node.
    iterated.catch(() => {});
    await this.clock.advanceBy(60e9);
    await iterated;
    const operations = this.recorder.operations.slice(before).map(({ outcome }) => outcome);
    return { outcome: this.recorder.iterations.at(-1)!.outcome, operations };
  }
}

/** Resolves to what the listener of an iteration is told. */
export function iterated(flow: FlowRunner, vu: number, start: IterationStart): Promise<number> {
  return new Promise((resolve, reject) => {
    flow.iterate(vu, start, { ended: (_, nextNs) => resolve(nextNs), failed: reject });
  });
}

/** The LoadgenError with which `iterated` rejects. */
export async function failureOf(iterated: Promise<unknown>): Promise<LoadgenError> {
  const error: unknown = await iterated.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof LoadgenError) return error;
  throw new Error(`expected a LoadgenError, not ${String(error)}`);
}

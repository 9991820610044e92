import { z } from 'zod';
import type { Clock } from '../../src/base/time/clock.ts';
import type { Scope, Template } from '../../src/base/expressions/template.ts';
import { RETRIES } from '../../src/drivers/vocabulary/retries.ts';
import type {
  Driver,
  DriverDefinition,
  PreparedOperation,
  Session,
  VerbUse,
} from '../../src/drivers/driver.ts';
import type { OperationSlots } from '../../src/measure/metrics/operation-slots.ts';
import { OUTCOME, type Outcome } from '../../src/measure/metrics/outcome.ts';

/** How the fake server answers one request. */
export interface Answer {
  readonly outcome?: Outcome;
  /** Infinity: never, until it is aborted. */
  readonly serviceNs?: number;
  /** From the last byte until the session resolves: other answers are processed first. */
  readonly lagNs?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly phases?: readonly number[];
  readonly retries?: number;
  readonly gapsNs?: readonly number[];
}

export interface FakeRequest {
  readonly text: string;
  readonly slot: number;
  /** Counted over all sessions, from 0. */
  readonly serial: number;
}

/** The definition of a protocol that does not exist, in the shape of the HTTP driver's. */
export const FAKE_DEFINITION: DriverDefinition = {
  name: 'fake',
  summary: 'Answers from a script.',
  schemes: ['fake'],
  targetOptions: z.object({}),
  verbs: {
    request: {
      summary: 'Sends a text.',
      schema: z.unknown(),
      resultFields: { status: 'status code', json: 'parsed body', body: 'raw bytes' },
      statusFields: ['status'],
    },
  },
  phases: ['connect_time', 'first_byte'].map((name) => ({
    name,
    kind: 'histogram' as const,
    unit: 'ns' as const,
    description: name,
    better: 'lower' as const,
  })),
  counters: [RETRIES],
  sampled: [{ name: 'gap', kind: 'histogram', unit: 'ns', description: 'gap', better: 'lower' }],
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  load: () => Promise.reject(new Error('the fake driver is handed over, not loaded')),
};

/** A driver that answers what a test says, on the test's clock. */
export class FakeDriver implements Driver {
  readonly uses: VerbUse[] = [];
  readonly sessions: FakeSession[] = [];
  readonly requests: FakeRequest[] = [];
  /** By slot, whether a connection ahead of load can be opened. */
  reachable: (slot: number) => boolean = () => true;
  connecting = 0;
  mostConnecting = 0;
  readonly clock: Clock;
  readonly slots: OperationSlots;
  readonly answer: (request: FakeRequest) => Answer;

  constructor(clock: Clock, slots: OperationSlots, answer: (request: FakeRequest) => Answer) {
    this.clock = clock;
    this.slots = slots;
    this.answer = answer;
  }

  compile(use: VerbUse): PreparedOperation {
    this.uses.push(use);
    const template: Template = use.json(use.spec);
    return { bind: (scope: Scope) => template.render(scope) };
  }

  open(slot: number): Session {
    const session = new FakeSession(this, slot);
    this.sessions.push(session);
    return session;
  }

  failureReasons(): ReadonlyMap<string, number> {
    return new Map([
      ['rare', 1],
      ['connection refused', 7],
    ]);
  }

  close(): void {}
}

export class FakeSession implements Session {
  readonly slot: number;
  readonly usable = true;
  result: Readonly<Record<string, unknown>> = {};
  closed = false;
  readonly #driver: FakeDriver;
  #finish: ((outcome: number, doneNs: number) => void) | undefined;

  constructor(driver: FakeDriver, slot: number) {
    this.#driver = driver;
    this.slot = slot;
  }

  async connect(): Promise<boolean> {
    const driver = this.#driver;
    driver.mostConnecting = Math.max(driver.mostConnecting, ++driver.connecting);
    await Promise.resolve();
    driver.connecting--;
    return driver.reachable(this.slot);
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    const { slots, clock, requests, answer } = this.#driver;
    const sent = { text: request as string, slot, serial: requests.length };
    requests.push(sent);
    const answered = answer(sent);
    const { outcome = 'ok', serviceNs = 1_000_000, lagNs = 0, result, phases } = answered;
    slots.counts[0]![slot]! += answered.retries ?? 0;
    for (const gapNs of answered.gapsNs ?? []) slots.samples[0]!.add(slot, gapNs);
    slots.granted[slot] = slots.acquired[slot]!;
    slots.sent[slot] = clock.nowNs();
    slots.phases.forEach((phase, index) => (phase[slot] = phases?.[index] ?? Number.NaN));
    this.result = {};
    this.#finish = (code, doneNs) => {
      this.#finish = undefined;
      slots.outcome[slot] = code;
      slots.done[slot] = doneNs;
      ended();
    };
    if (serviceNs === Number.POSITIVE_INFINITY) return;
    const doneNs = clock.nowNs() + serviceNs;
    clock.after((serviceNs + lagNs) / 1e6, () => {
      if (!this.#finish) return;
      this.result = result ?? { status: 200, json: {} };
      this.#finish(OUTCOME[outcome], doneNs);
    });
  }

  abort(slot: number, outcome: number): void {
    if (slot === this.slot) this.#finish?.(outcome, this.#driver.clock.nowNs());
  }

  close(): void {
    this.closed = true;
  }
}

import {
  compileJsonTemplate,
  compileTemplate,
  compileValue,
} from '../../src/base/expressions/compile-template.ts';
import type { Scope } from '../../src/base/expressions/template.ts';
import { systemClock, type Clock } from '../../src/base/time/clock.ts';
import { TimerWheel } from '../../src/base/time/timer-wheel.ts';
import { TurnQueue } from '../../src/base/time/turn-queue.ts';
import type {
  Driver,
  DriverContext,
  DriverDefinition,
  PreparedOperation,
  Session,
} from '../../src/drivers/driver.ts';
import { OperationSlots } from '../../src/measure/metrics/operation-slots.ts';
import type { SlotSamples } from '../../src/measure/metrics/slot-samples.ts';
import { OUTCOMES, type Outcome } from '../../src/measure/metrics/outcome.ts';

export interface DriverBenchOptions {
  readonly url: string;
  readonly connectTimeoutMs?: number;
  readonly connection?: DriverContext['connection'];
  readonly connections?: number;
  readonly baseFolder?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly dialects?: readonly string[];
}

/** A step's use of a verb, as far as a test says it. */
export interface StepOptions {
  readonly verb: string;
  readonly spec: unknown;
  readonly timeoutMs?: number;
  readonly reads?: readonly string[];
}

/** What stands in the slot after an operation. */
export interface OperationRecord {
  readonly outcome: Outcome;
  readonly acquired: number;
  readonly granted: number;
  readonly sent: number;
  readonly done: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** By name; missing where there was none. */
  readonly phases: Readonly<Record<string, number>>;
  /** By name; those that are 0 are missing. */
  readonly counts: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** A driver with what a worker puts around it, for one operation at a time. */
export class DriverBench {
  readonly clock: Clock = systemClock;
  readonly wheel = new TimerWheel(systemClock);
  readonly turns = new TurnQueue(systemClock);
  readonly slots: OperationSlots;
  driver!: Driver;
  readonly #definition: DriverDefinition;

  private constructor(definition: DriverDefinition) {
    this.#definition = definition;
    this.slots = new OperationSlots(64, definition.phases.length, {
      counts: definition.counters?.length ?? 0,
      samples: definition.sampled?.length ?? 0,
    });
  }

  static async of(definition: DriverDefinition, options: DriverBenchOptions): Promise<DriverBench> {
    const module = await definition.load(options.options);
    const bench = new DriverBench(definition);
    const { clock, wheel, turns, slots } = bench;
    bench.driver = await module.create({
      name: 'target',
      url: options.url,
      connectTimeoutMs: options.connectTimeoutMs ?? 5000,
      baseFolder: options.baseFolder ?? process.cwd(),
      options: options.options ?? {},
      connection: options.connection ?? 'perVu',
      connections: options.connections,
      dialects: options.dialects ?? [],
      seed: 1,
      clock,
      wheel,
      turns,
      slots,
    });
    return bench;
  }

  compile({ verb, spec, timeoutMs = 5000, reads = [] }: StepOptions): PreparedOperation {
    const environment = { roots: 'any' } as const;
    return this.driver.compile({
      verb,
      spec: this.#definition.verbs[verb]!.schema.parse(spec),
      timeoutMs,
      fieldsRead: new Set(reads),
      template: (text, context) => compileTemplate(text, context, environment),
      json: (value) => compileJsonTemplate(value, environment),
      value: (text) => compileValue(text, environment),
    });
  }

  /** Compiles, binds and runs one operation. */
  async run(
    session: Session,
    step: StepOptions,
    { scope = {}, slot = 0 }: { readonly scope?: Scope; readonly slot?: number } = {},
  ): Promise<OperationRecord> {
    const request = this.compile(step).bind(scope);
    this.slots.intended[slot] = this.clock.nowNs();
    this.slots.acquired[slot] = this.slots.intended[slot]!;
    this.clear(slot);
    await new Promise<void>((resolve) => session.execute(request, slot, resolve));
    return this.record(slot);
  }

  record(slot: number): OperationRecord {
    const { slots } = this;
    const { counters = [], sampled = [] } = this.#definition;
    const counts = counters
      .map(({ name }, index) => [name, slots.counts[index]![slot]!] as const)
      .filter(([, count]) => count !== 0);
    const samples = sampled
      .map(({ name }, index) => [name, valuesOf(slots.samples[index]!, slot)] as const)
      .filter(([, values]) => values.length > 0);
    const phases = this.#definition.phases
      .map(({ name }, index) => [name, slots.phases[index]![slot]!] as const)
      .filter(([, value]) => !Number.isNaN(value));
    return {
      outcome: OUTCOMES[slots.outcome[slot]!]!,
      acquired: slots.acquired[slot]!,
      granted: slots.granted[slot]!,
      sent: slots.sent[slot]!,
      done: slots.done[slot]!,
      bytesSent: slots.bytesSent[slot]!,
      bytesReceived: slots.bytesReceived[slot]!,
      phases: Object.fromEntries(phases),
      counts: Object.fromEntries(counts),
      samples: Object.fromEntries(samples),
    };
  }

  /** What the recorder does when an operation has ended. */
  clear(slot: number): void {
    for (const counts of this.slots.counts) counts[slot] = 0;
    for (const samples of this.slots.samples) samples.clear(slot);
  }

  reasons(): Record<string, number> {
    return Object.fromEntries(this.driver.failureReasons?.() ?? []);
  }

  close(): void {
    this.driver.close();
    this.wheel.close();
  }
}

function valuesOf(samples: SlotSamples, slot: number): readonly number[] {
  return Array.from({ length: samples.count(slot) }, (_, index) => samples.valueAt(slot, index));
}

import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';
import type { IterationStart } from '../load/executors/executor.ts';
import { OUTCOME, WARMUP } from '../measure/metrics/outcome.ts';
import type { CompiledStep } from './compile-step.ts';
import type { FlowRuntime } from './flow-runtime.ts';
import { FlowSessions, type ConnectReport, type FlowTarget } from './flow-sessions.ts';
import { iterationUuids } from './iteration-uuid.ts';
import type { BrokenCheck } from './judge.ts';
import type { ThinkTimes } from './think-time.ts';
import { scopeFactory, withHeldRows, type ScopeShape, type VuScope } from './vu-scope.ts';

/** A flow, compiled, for the loop that runs its steps. */
export interface FlowParts {
  readonly steps: readonly CompiledStep[];
  readonly targets: readonly FlowTarget[];
  /** Those that the steps read, and that give each iteration a row. */
  readonly feeders: readonly Feeder[];
  /** Those that give each VU a row for its life. */
  readonly heldFeeders: readonly Feeder[];
  /** By step: what is thought before it. */
  readonly thinks: readonly (ThinkTimes | undefined)[];
  readonly thinkAfter: ThinkTimes | undefined;
  readonly usesUuid: boolean;
  readonly scope: Omit<ScopeShape, 'feeders'>;
}

/** What stays the same of a place. */
export interface Seat {
  readonly vu: number;
  readonly slot: number;
  readonly scope: VuScope;
  readonly steps: number;
}

/** One VU, or one in-flight place of an open flow, and the iteration that it runs. */
export class FlowPlace {
  readonly vu: number;
  readonly slot: number;
  readonly scope: VuScope;
  /** 1 for each step that was not ok in this iteration: what it extracts is not there. */
  readonly notOk: Uint8Array;
  /** Where an operation is open. */
  active: Session | undefined = undefined;
  /** The VU was taken away while it ran this iteration. */
  interrupted = false;
  /** A step was not ok, and the iteration went on. */
  failed = false;
  /** Of the iteration that runs: the executor's own record of it may be reused. */
  phase = 0;
  iteration = 0;
  intendedNs = 0;

  constructor({ vu, slot, scope, steps }: Seat) {
    this.vu = vu;
    this.slot = slot;
    this.scope = scope;
    this.notOk = new Uint8Array(steps);
  }
}

/** The places of one flow in one worker: what is the same whichever way its steps are run. */
export class FlowPlaces<Place extends FlowPlace> {
  /** No iteration goes on, and none begins. */
  interrupted = false;
  readonly #runtime: FlowRuntime;
  readonly #targets: readonly FlowTarget[];
  readonly #feeders: readonly Feeder[];
  readonly #sessions: FlowSessions;
  readonly #uuid: ((phase: number, iteration: number) => string) | undefined;
  readonly #places: readonly Place[];

  constructor(runtime: FlowRuntime, parts: FlowParts, make: (seat: Seat) => Place) {
    const { slotBase, slotCount, share } = runtime;
    const { targets, feeders, heldFeeders, steps } = parts;
    this.#runtime = runtime;
    this.#targets = targets;
    this.#feeders = feeders;
    this.#sessions = new FlowSessions(targets, slotBase, slotCount);
    this.#uuid = parts.usesUuid ? iterationUuids(runtime.seed, runtime.flow) : undefined;
    const names = [...feeders, ...heldFeeders].map(({ name }) => name);
    const createScope = scopeFactory({ ...parts.scope, feeders: names });
    this.#places = Array.from({ length: slotCount }, (_, vu) => {
      const scope = withHeldRows(createScope(vu * share.count + share.index + 1), heldFeeders);
      return make({ vu, slot: slotBase + vu, scope, steps: steps.length });
    });
  }

  of(vu: number): Place {
    return this.#places[vu]!;
  }

  session(vu: number, target: number): Session {
    return this.#sessions.of(vu, target);
  }

  get sessionsOpen(): number {
    return this.#sessions.opened;
  }

  connect(count: number): Promise<ConnectReport> {
    return this.#sessions.connect(count);
  }

  close(): void {
    this.#sessions.close();
  }

  /** Stamps the arrival, and lets expressions read the iteration and its rows. */
  begin(place: Place, start: IterationStart): void {
    const { slots } = this.#runtime;
    const { slot, scope } = place;
    const { iteration, phase } = start;
    place.interrupted = false;
    place.failed = false;
    place.phase = phase;
    place.iteration = iteration;
    place.intendedNs = start.intendedNs;
    slots.iteration[slot] = iteration;
    slots.intended[slot] = start.intendedNs;
    slots.picked[slot] = start.pickedNs;
    slots.acquired[slot] = start.acquiredNs;
    scope.iteration.id = iteration;
    if (this.#uuid) scope.iteration.uuid = this.#uuid(phase, iteration);
    for (let i = 0; i < this.#feeders.length; i++) {
      const feeder = this.#feeders[i]!;
      scope[feeder.name] = feeder.row(iteration, phase === WARMUP);
    }
  }

  interrupt(): void {
    this.interrupted = true;
    for (const { active, slot } of this.#places) active?.abort(slot, OUTCOME.interrupted);
    this.#runtime.naps.wakeAll();
  }

  interruptVu(vu: number): void {
    const place = this.#places[vu]!;
    place.interrupted = true;
    place.active?.abort(place.slot, OUTCOME.interrupted);
    this.#runtime.naps.wake(vu);
  }

  isInterrupted(place: Place): boolean {
    return this.interrupted || place.interrupted;
  }

  /** The same checks, by the names of their targets. */
  named(checks: readonly BrokenCheck[]): { target: string; reason: string; count: number }[] {
    return checks.map((check) => ({ ...check, target: this.#targets[check.target]!.target }));
  }
}

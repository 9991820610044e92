import type { Feeder } from '../data/feeder.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOME, OUTCOME, WARMUP } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledNode } from './compile-program.ts';
import type { CompiledStep } from './compile-step.ts';
import type { FlowLoopParts } from './flow-loop.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import { FlowSessions, type ConnectReport, type FlowTarget } from './flow-sessions.ts';
import { iterationUuids } from './iteration-uuid.ts';
import { ProgramOperation, type ProgramPlace } from './program-operation.ts';
import { bindFailure } from './template-failed.ts';
import { scopeFactory, withHeldRows } from './vu-scope.ts';

type ThinkNode = Extract<CompiledNode, { kind: 'think' }>;

/** The iteration goes on. */
const GOES_ON = -1;

/**
 * Runs a flow whose steps are more than operations and think times one after the other: conditions,
 * choices, polls, own metrics. `FlowLoop` runs the others, and pays for nothing of this.
 */
export class ProgramLoop implements FlowRunner {
  readonly #runtime: FlowRuntime;
  readonly #nodes: readonly CompiledNode[];
  /** Think steps behind all others: also an iteration that ended early is followed by them. */
  readonly #lastThinks: readonly CompiledNode[];
  readonly #steps: readonly CompiledStep[];
  readonly #targets: readonly FlowTarget[];
  readonly #feeders: readonly Feeder[];
  readonly #sessions: FlowSessions;
  readonly #operation: ProgramOperation;
  readonly #places: readonly ProgramPlace[];
  readonly #uuid: ((phase: number, iteration: number) => string) | undefined;
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };
  #interrupted = false;

  constructor(runtime: FlowRuntime, parts: FlowLoopParts, nodes: readonly CompiledNode[]) {
    const { slotBase, slotCount, share } = runtime;
    this.#runtime = runtime;
    this.#nodes = nodes;
    this.#lastThinks = nodes.slice(nodes.findLastIndex(({ kind }) => kind !== 'think') + 1);
    this.#steps = parts.steps;
    this.#targets = parts.targets;
    this.#feeders = parts.feeders;
    this.#sessions = new FlowSessions(parts.targets, slotBase, slotCount);
    this.#operation = new ProgramOperation(runtime, parts, (place) => this.#isInterrupted(place));
    this.#uuid = parts.usesUuid ? iterationUuids(runtime.seed, runtime.flow) : undefined;
    const feeders = [...parts.feeders, ...parts.heldFeeders].map(({ name }) => name);
    const createScope = scopeFactory({ ...parts.scope, feeders });
    this.#places = Array.from({ length: slotCount }, (_, vu) => {
      const scope = createScope(vu * share.count + share.index + 1);
      return {
        vu,
        slot: slotBase + vu,
        scope: withHeldRows(scope, parts.heldFeeders),
        notOk: new Uint8Array(parts.steps.length),
        active: undefined,
        interrupted: false,
        phase: 0,
        iteration: 0,
        intendedNs: 0,
        nextIntendedNs: 0,
        lastDoneNs: undefined,
        isFirst: true,
        failed: false,
      };
    });
  }

  get brokenChecks(): readonly { target: string; reason: string; count: number }[] {
    return this.#operation.brokenChecks.map((check) => {
      return { ...check, target: this.#targets[check.target]!.target };
    });
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

  interrupt(): void {
    this.#interrupted = true;
    for (const { active, slot } of this.#places) active?.abort(slot, OUTCOME.interrupted);
    this.#runtime.naps.wakeAll();
  }

  interruptVu(vu: number): void {
    const place = this.#places[vu]!;
    place.interrupted = true;
    place.active?.abort(place.slot, OUTCOME.interrupted);
    this.#runtime.naps.wake(vu);
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    void this.#iterate(vu, start)
      .then((nextNs) => listener.ended(vu, nextNs))
      .catch((thrown: unknown) => listener.failed(thrown));
  }

  /** Resolves to the time from which the next iteration of a closed model is intended. */
  async #iterate(vu: number, start: IterationStart): Promise<number> {
    const place = this.#places[vu]!;
    this.#begin(place, start);
    let outcome: number;
    try {
      outcome = await this.#runAll(this.#nodes, place);
    } catch (thrown) {
      // The iteration was started, so that it has to end in the account of a run that fails.
      this.#ended(place, ITERATION_OUTCOME.aborted);
      throw thrown;
    }
    const { ok, failed } = ITERATION_OUTCOME;
    this.#ended(place, outcome !== GOES_ON ? outcome : place.failed ? failed : ok);
    if (outcome !== GOES_ON) this.#thinkAfterAll(place);
    // VUs whose steps were all skipped would keep the thread from everything else.
    if (place.isFirst) await this.#nextTurn();
    // With the think time at the end, which a slot need not wait for.
    return this.#thoughtUntil(place);
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#runtime.clock.nextTurn(resolve));
  }

  /** Of an iteration that ended early, whatever it thought when it did. */
  #thinkAfterAll(place: ProgramPlace): void {
    place.nextIntendedNs = place.lastDoneNs!;
    for (const node of this.#lastThinks) if (node.kind === 'think') this.#think(node, place);
  }

  #begin(place: ProgramPlace, start: IterationStart): void {
    const { slots } = this.#runtime;
    const { slot, scope } = place;
    const { iteration, phase } = start;
    place.interrupted = false;
    place.phase = phase;
    place.iteration = iteration;
    place.intendedNs = start.intendedNs;
    place.nextIntendedNs = start.intendedNs;
    place.lastDoneNs = undefined;
    place.isFirst = true;
    place.failed = false;
    slots.iteration[slot] = iteration;
    slots.intended[slot] = start.intendedNs;
    slots.picked[slot] = start.pickedNs;
    slots.acquired[slot] = start.acquiredNs;
    scope.iteration.id = iteration;
    if (this.#uuid) scope.iteration.uuid = this.#uuid(phase, iteration);
    const isWarmup = phase === WARMUP;
    for (const feeder of this.#feeders) scope[feeder.name] = feeder.row(iteration, isWarmup);
    // A step that is skipped leaves nothing of an iteration before.
    for (const values of Object.values(scope.steps)) {
      for (const name of Object.keys(values)) values[name] = undefined;
    }
    // What did not run was not ok; a step that reads it is not run either.
    place.notOk.fill(1);
  }

  /** How the iteration ended, or that it goes on. */
  async #runAll(nodes: readonly CompiledNode[], place: ProgramPlace): Promise<number> {
    for (const node of nodes) {
      if (this.#isInterrupted(place)) return ITERATION_OUTCOME.interrupted;
      const outcome = await this.#run(node, place);
      if (outcome !== GOES_ON) return outcome;
    }
    return GOES_ON;
  }

  #run(node: CompiledNode, place: ProgramPlace): Promise<number> | number {
    if (node.kind === 'operation') return this.#operate(this.#steps[node.step]!, node.step, place);
    if (node.kind === 'think') {
      this.#think(node, place);
      return GOES_ON;
    }
    if (node.when !== undefined && !node.when.test(place.scope)) return GOES_ON;
    if (node.kind === 'group') return this.#runAll(node.nodes, place);
    return this.#run(node.choose(place.phase, place.iteration), place);
  }

  #think({ when, reads, thinkNs }: ThinkNode, place: ProgramPlace): void {
    if (when !== undefined && !when.test(place.scope)) return;
    try {
      place.nextIntendedNs = this.#thoughtUntil(place) + thinkNs(place);
    } catch (thrown) {
      const { iteration } = place;
      throw bindFailure(thrown, { name: 'think', reads }, { feeders: this.#feeders, iteration });
    }
  }

  /** From where a think time counts: the end of the operation before, or of the thinking before. */
  #thoughtUntil({ nextIntendedNs, lastDoneNs }: ProgramPlace): number {
    return Math.max(nextIntendedNs, lastDoneNs ?? 0);
  }

  #isInterrupted({ interrupted }: ProgramPlace): boolean {
    return interrupted || this.#interrupted;
  }

  async #operate(step: CompiledStep, index: number, place: ProgramPlace): Promise<number> {
    const { when } = step.extras;
    if (when !== undefined && !when.test(place.scope)) return GOES_ON;
    for (const needed of step.needs) {
      if (place.notOk[needed] === 1) return ITERATION_OUTCOME.aborted;
    }
    const session = this.#sessions.of(place.vu, step.target);
    const outcome = await this.#operation.run(step, place, session);
    if (outcome === undefined) return ITERATION_OUTCOME.interrupted;
    place.notOk[index] = outcome === OUTCOME.ok ? 0 : 1;
    if (outcome === OUTCOME.ok || outcome === OUTCOME.cancelled) return GOES_ON;
    if (outcome === OUTCOME.interrupted) return ITERATION_OUTCOME.interrupted;
    if (step.endsIteration) return ITERATION_OUTCOME.aborted;
    place.failed = true;
    return GOES_ON;
  }

  #ended(place: ProgramPlace, outcome: number): void {
    const { clock, recorder, flow } = this.#runtime;
    place.lastDoneNs ??= clock.nowNs();
    this.#end.outcome = outcome;
    this.#end.responseTimeNs = Math.max(0, place.lastDoneNs - place.intendedNs);
    recorder.ended(place.phase, flow, place.vu, this.#end);
  }
}

import type { Feeder } from '../data/feeder.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOME, OUTCOME } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledNode } from './compile-program.ts';
import type { CompiledStep } from './compile-step.ts';
import { FlowPlaces, type FlowParts } from './flow-places.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import type { ConnectReport } from './flow-sessions.ts';
import { ProgramOperation, ProgramPlace } from './program-operation.ts';
import { bindFailure } from './template-failed.ts';

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
  readonly #feeders: readonly Feeder[];
  readonly #operation: ProgramOperation;
  readonly #places: FlowPlaces<ProgramPlace>;
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };

  constructor(runtime: FlowRuntime, parts: FlowParts, nodes: readonly CompiledNode[]) {
    this.#runtime = runtime;
    this.#nodes = nodes;
    this.#lastThinks = nodes.slice(nodes.findLastIndex(({ kind }) => kind !== 'think') + 1);
    this.#steps = parts.steps;
    this.#feeders = parts.feeders;
    this.#places = new FlowPlaces(runtime, parts, (seat) => new ProgramPlace(seat));
    this.#operation = new ProgramOperation(runtime, parts, this.#places);
  }

  get brokenChecks(): readonly { target: string; reason: string; count: number }[] {
    return this.#places.named(this.#operation.brokenChecks);
  }

  get sessionsOpen(): number {
    return this.#places.sessionsOpen;
  }

  connect(count: number): Promise<ConnectReport> {
    return this.#places.connect(count);
  }

  close(): void {
    this.#places.close();
  }

  interrupt(): void {
    this.#places.interrupt();
  }

  interruptVu(vu: number): void {
    this.#places.interruptVu(vu);
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    void this.#iterate(vu, start)
      .then((nextNs) => listener.ended(vu, nextNs))
      .catch((thrown: unknown) => listener.failed(thrown));
  }

  /** Resolves to the time from which the next iteration of a closed model is intended. */
  async #iterate(vu: number, start: IterationStart): Promise<number> {
    const place = this.#places.of(vu);
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
    this.#places.begin(place, start);
    place.nextIntendedNs = start.intendedNs;
    place.lastDoneNs = undefined;
    place.isFirst = true;
    // A step that is skipped leaves nothing of an iteration before.
    for (const values of Object.values(place.scope.steps)) {
      for (const name of Object.keys(values)) values[name] = undefined;
    }
    // What did not run was not ok; a step that reads it is not run either.
    place.notOk.fill(1);
  }

  /** How the iteration ended, or that it goes on. */
  async #runAll(nodes: readonly CompiledNode[], place: ProgramPlace): Promise<number> {
    for (const node of nodes) {
      if (this.#places.isInterrupted(place)) return ITERATION_OUTCOME.interrupted;
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

  async #operate(step: CompiledStep, index: number, place: ProgramPlace): Promise<number> {
    const { when } = step.extras;
    if (when !== undefined && !when.test(place.scope)) return GOES_ON;
    for (const needed of step.needs) {
      if (place.notOk[needed] === 1) return ITERATION_OUTCOME.aborted;
    }
    const session = this.#places.session(place.vu, step.target);
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

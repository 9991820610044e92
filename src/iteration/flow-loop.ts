import { NS_PER_MS, type Cancel } from '../base/time/clock.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOMES, OUTCOME, WARMUP } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledStep } from './compile-step.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import { FlowSessions, type ConnectReport, type FlowTarget } from './flow-sessions.ts';
import { iterationUuids } from './iteration-uuid.ts';
import { brokenChecks, countItems, judge } from './judge.ts';
import { neverSent, timeOutLate } from './late-operations.ts';
import { scoreAnswer } from './score-answers.ts';
import { beginWrite, endWrite } from './watch-writes.ts';
import { bindFailure } from './template-failed.ts';
import type { ThinkTimes } from './think-time.ts';
import {
  scopeFactory,
  showAnswer,
  withHeldRows,
  type ScopeShape,
  type VuScope,
} from './vu-scope.ts';

export interface FlowLoopParts {
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

/** One VU, or one in-flight place of an open flow. */
interface Place {
  readonly vu: number;
  readonly slot: number;
  readonly scope: VuScope;
  /** 1 for each step that was not ok in this iteration: what it extracts is not there. */
  readonly notOk: Uint8Array;
  /** Tells the flow that the operation here ended. */
  readonly answered: () => void;
  /** Tells the flow that somebody who thought goes on. */
  readonly rested: () => void;
  listener: IterationListener;
  /** Index of the step that runs. */
  step: number;
  /** A step was not ok, and the iteration went on. */
  failed: boolean;
  /** Where an operation is open. */
  active: Session | undefined;
  /** The VU was taken away while it ran this iteration. */
  interrupted: boolean;
  cancelDeadline: Cancel | undefined;
  /** Of the iteration that runs: the executor's own record of it may be reused. */
  phase: number;
  iteration: number;
  intendedNs: number;
}

const ENDED = Object.fromEntries(ITERATION_OUTCOMES.map((name, code) => [name, code])) as Record<
  (typeof ITERATION_OUTCOMES)[number],
  number
>;

/** Runs the steps of a flow, iteration by iteration, and accounts for each of them. */
export class FlowLoop implements FlowRunner {
  readonly #runtime: FlowRuntime;
  readonly #steps: readonly CompiledStep[];
  readonly #targets: readonly FlowTarget[];
  readonly #feeders: readonly Feeder[];
  readonly #sessions: FlowSessions;
  readonly #places: readonly Place[];
  readonly #uuid: ((phase: number, iteration: number) => string) | undefined;
  readonly #thinks: readonly (ThinkTimes | undefined)[];
  readonly #thinkAfter: ThinkTimes | undefined;
  /** Handed to the recorder again and again, which copies it. */
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };
  #interrupted = false;

  constructor(runtime: FlowRuntime, parts: FlowLoopParts) {
    const { slotBase, slotCount, share } = runtime;
    this.#runtime = runtime;
    this.#steps = parts.steps;
    this.#targets = parts.targets;
    this.#feeders = parts.feeders;
    this.#thinks = parts.thinks;
    this.#thinkAfter = parts.thinkAfter;
    this.#sessions = new FlowSessions(parts.targets, slotBase, slotCount);
    this.#uuid = parts.usesUuid ? iterationUuids(runtime.seed, runtime.flow) : undefined;
    const { heldFeeders } = parts;
    const feeders = [...parts.feeders, ...heldFeeders].map(({ name }) => name);
    const createScope = scopeFactory({ ...parts.scope, feeders });
    this.#places = Array.from({ length: slotCount }, (_, vu) => {
      const place: Place = {
        vu,
        slot: slotBase + vu,
        scope: withHeldRows(createScope(vu * share.count + share.index + 1), heldFeeders),
        notOk: new Uint8Array(parts.steps.length),
        answered: () => this.#answered(place),
        rested: () => this.#rested(place),
        listener: NOBODY,
        step: 0,
        failed: false,
        active: undefined,
        interrupted: false,
        cancelDeadline: undefined,
        phase: 0,
        iteration: 0,
        intendedNs: 0,
      };
      return place;
    });
  }

  get brokenChecks(): readonly { target: string; reason: string; count: number }[] {
    return brokenChecks(this.#steps).map((check) => {
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
    const place = this.#places[vu]!;
    place.listener = listener;
    this.#begin(place, start);
    if (!this.#interrupted) this.#beginStep(place, 0);
    else this.#endLater(place, this.#recordEnd(place, ENDED.interrupted, this.#nowNs()));
  }

  #send(place: Place, index: number): void {
    const step = this.#steps[index]!;
    const { slot } = place;
    place.step = index;
    const session = this.#sessions.of(place.vu, step.target);
    const request = this.#bind(step, place);
    this.#runtime.recorder.attempted(place.phase, step.lane, slot);
    place.active = session;
    if (step.watch !== undefined) {
      const at = { slot, nowNs: this.#nowNs() };
      beginWrite(step.watch, place.scope, this.#runtime.scores!.sink, at);
    }
    if (step.deadlineNs === Number.POSITIVE_INFINITY || this.#startDeadline(step, place)) {
      session.execute(request, slot, place.answered);
    }
  }

  /**
   * Called by the driver, from where it reads: the steps go on without a promise in between, so
   * that the next request is on its way before the next answer is looked at, and costs nothing.
   */
  #answered(place: Place): void {
    try {
      this.#goOn(place);
    } catch (thrown) {
      place.listener.failed(thrown);
    }
  }

  #goOn(place: Place): void {
    const { step: index, active } = place;
    const step = this.#steps[index]!;
    place.active = undefined;
    if (step.deadlineNs !== Number.POSITIVE_INFINITY) this.#endDeadline(step, place);
    const outcome = this.#finish(step, place, active!, place.phase);
    place.notOk[index] = outcome === OUTCOME.ok ? 0 : 1;
    if (outcome === OUTCOME.interrupted) this.#ended(place, ENDED.interrupted);
    else if (outcome === OUTCOME.ok || outcome === OUTCOME.cancelled) this.#next(place, index + 1);
    else if (step.endsIteration) this.#ended(place, ENDED.aborted);
    else {
      place.failed = true;
      this.#next(place, index + 1);
    }
  }

  #next(place: Place, index: number): void {
    if (index === this.#steps.length) this.#ended(place, place.failed ? ENDED.failed : ENDED.ok);
    else if (this.#interrupted || place.interrupted) this.#ended(place, ENDED.interrupted);
    else if (lacksNeeded(this.#steps[index]!, place)) this.#ended(place, ENDED.aborted);
    else this.#beginStep(place, index);
  }

  #beginStep(place: Place, index: number): void {
    const think = this.#thinks[index];
    if (think !== undefined) {
      this.#think(think, place, index);
      return;
    }
    if (index > 0) this.#stampLater(place.slot);
    this.#send(place, index);
  }

  /** A step after think time is intended when that is over. */
  #think(think: ThinkTimes, place: Place, index: number): void {
    const { slots, naps } = this.#runtime;
    const { slot, vu, phase, iteration } = place;
    const fromNs = index === 0 ? place.intendedNs : slots.done[slot]!;
    const untilNs = fromNs + think.drawNs(phase, iteration);
    slots.intended[slot] = untilNs;
    place.step = index;
    if (untilNs <= this.#nowNs()) this.#goOnThinking(place);
    else naps.until(vu, untilNs, place.rested);
  }

  #rested(place: Place): void {
    try {
      this.#goOnThinking(place);
    } catch (thrown) {
      place.listener.failed(thrown);
    }
  }

  /** The think time is over, or somebody ended it. */
  #goOnThinking(place: Place): void {
    const { slots } = this.#runtime;
    const { slot, step } = place;
    const nowNs = this.#nowNs();
    if (this.#interrupted || place.interrupted) {
      const endNs = step === 0 ? nowNs : slots.done[slot]!;
      place.listener.ended(place.vu, this.#recordEnd(place, ENDED.interrupted, endNs));
      return;
    }
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
    this.#send(place, step);
  }

  #begin(place: Place, start: IterationStart): void {
    const { slots } = this.#runtime;
    const { slot, scope } = place;
    const { iteration, phase } = start;
    place.interrupted = false;
    place.phase = phase;
    place.failed = false;
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

  /** A later step is intended when the one before was done, and taken up now. */
  #stampLater(slot: number): void {
    const { slots, clock } = this.#runtime;
    const nowNs = clock.nowNs();
    slots.intended[slot] = slots.done[slot]!;
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
  }

  #bind(step: CompiledStep, place: Place): unknown {
    try {
      return step.operation.bind(place.scope);
    } catch (error) {
      // The iteration was started, so that it has to end in the account of a run that fails.
      this.#recordEnd(place, ENDED.aborted, this.#nowNs());
      throw bindFailure(error, step, { feeders: this.#feeders, iteration: place.iteration });
    }
  }

  /** False for a deadline that is past already: that is a timeout which is never sent. */
  #startDeadline(step: CompiledStep, place: Place): boolean {
    const { slots, clock } = this.#runtime;
    const { slot } = place;
    const leftNs = slots.intended[slot]! + step.deadlineNs - this.#nowNs();
    if (leftNs <= 0) {
      neverSent(slots, slot, this.#nowNs());
      queueMicrotask(place.answered);
      return false;
    }
    let open = true;
    // Timers run before the poll for I/O: an answer that waits in the kernel is read first.
    const expire = (): void =>
      clock.nextTurn(() => {
        if (open) place.active?.abort(slot, OUTCOME.timeout);
      });
    const cancel = clock.after(leftNs / NS_PER_MS, expire);
    place.cancelDeadline = () => {
      open = false;
      cancel();
    };
    return true;
  }

  #endDeadline(step: CompiledStep, place: Place): void {
    const { slots } = this.#runtime;
    const { slot } = place;
    place.cancelDeadline?.();
    place.cancelDeadline = undefined;
    timeOutLate(slots, slot, slots.intended[slot]! + step.deadlineNs);
  }

  /** Judges the operation that just ended, and accounts for it. */
  #finish(step: CompiledStep, place: Place, session: Session, phase: number): number {
    const { slots, recorder } = this.#runtime;
    const { slot, scope } = place;
    showAnswer(scope, session);
    let outcome = judge(step, scope, slots.outcome[slot]!);
    const items = outcome === OUTCOME.ok ? countItems(step, scope) : 0;
    if (items === undefined) outcome = OUTCOME.check_failed;
    slots.outcome[slot] = outcome;
    if (step.watch !== undefined) {
      endWrite(step.watch, slots, slot, this.#runtime.scores!.sink);
    }
    // Before the recorder takes over what the driver counted.
    const isGood = outcome === OUTCOME.ok && step.goals.length > 0 && this.#meetsGoals(step, slot);
    recorder.finished(phase, step.lane, slot, slots);
    if (outcome !== OUTCOME.ok) return outcome;
    if (isGood) recorder.goodput(phase, step.lane);
    recorder.items(phase, step.lane, items!);
    if (step.scores.length > 0) {
      const { iteration } = place;
      const of = { phase, iteration, lane: 0 };
      scoreAnswer(step, scope, this.#runtime.scores!.sink, of, { slots, slot });
    }
    return outcome;
  }

  #meetsGoals({ goals }: CompiledStep, slot: number): boolean {
    for (let i = 0; i < goals.length; i++) {
      if (!goals[i]!(this.#runtime.slots, slot)) return false;
    }
    return true;
  }

  /** The iteration ended with the last operation in its slot. */
  #ended(place: Place, outcome: number): void {
    const doneNs = this.#recordEnd(place, outcome, this.#runtime.slots.done[place.slot]!);
    place.listener.ended(place.vu, doneNs);
  }

  /** The listener is never told before `iterate` has returned. */
  #endLater({ listener, vu }: Place, doneNs: number): void {
    queueMicrotask(() => listener.ended(vu, doneNs));
  }

  #recordEnd(place: Place, outcome: number, doneNs: number): number {
    this.#end.outcome = outcome;
    this.#end.responseTimeNs = doneNs - place.intendedNs;
    this.#runtime.recorder.ended(place.phase, this.#runtime.flow, place.vu, this.#end);
    if (this.#thinkAfter === undefined) return doneNs;
    return doneNs + this.#thinkAfter.drawNs(place.phase, place.iteration);
  }

  #nowNs(): number {
    return this.#runtime.clock.nowNs();
  }
}

/** Before the first iteration nobody listens. */
const NOBODY: IterationListener = { ended() {}, failed() {} };

/** Whether it reads what a step extracts that was not ok in this iteration. */
function lacksNeeded({ needs }: CompiledStep, { notOk }: Place): boolean {
  for (let i = 0; i < needs.length; i++) if (notOk[needs[i]!] === 1) return true;
  return false;
}

import { NS_PER_MS, type Cancel } from '../base/time/clock.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOMES, OUTCOME } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledStep } from './compile-step.ts';
import { FlowPlace, FlowPlaces, type FlowParts, type Seat } from './flow-places.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import type { ConnectReport } from './flow-sessions.ts';
import { brokenChecks, countItems, judge } from './judge.ts';
import { neverSent, timeOutLate } from './late-operations.ts';
import { scoreAnswer } from './score-answers.ts';
import { beginWrite, endWrite } from './watch-writes.ts';
import { bindFailure } from './template-failed.ts';
import type { ThinkTimes } from './think-time.ts';
import { showAnswer } from './vu-scope.ts';

/** A place with the step that it is at, and its callbacks, made once. */
class StepPlace extends FlowPlace {
  /** Tells the flow that the operation here ended. */
  readonly answered: () => void;
  /** Tells the flow that somebody who thought goes on. */
  readonly rested: () => void;
  listener: IterationListener = NOBODY;
  /** Index of the step that runs. */
  step = 0;
  cancelDeadline: Cancel | undefined = undefined;

  constructor(seat: Seat, answered: (place: StepPlace) => void, rested: typeof answered) {
    super(seat);
    this.answered = () => answered(this);
    this.rested = () => rested(this);
  }
}

const ENDED = Object.fromEntries(ITERATION_OUTCOMES.map((name, code) => [name, code])) as Record<
  (typeof ITERATION_OUTCOMES)[number],
  number
>;

/** Runs the steps of a flow, iteration by iteration, and accounts for each of them. */
export class FlowLoop implements FlowRunner {
  readonly #runtime: FlowRuntime;
  readonly #steps: readonly CompiledStep[];
  readonly #feeders: readonly Feeder[];
  readonly #places: FlowPlaces<StepPlace>;
  readonly #thinks: readonly (ThinkTimes | undefined)[];
  readonly #thinkAfter: ThinkTimes | undefined;
  /** Handed to the recorder again and again, which copies it. */
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };

  constructor(runtime: FlowRuntime, parts: FlowParts) {
    this.#runtime = runtime;
    this.#steps = parts.steps;
    this.#feeders = parts.feeders;
    this.#thinks = parts.thinks;
    this.#thinkAfter = parts.thinkAfter;
    const answered = (place: StepPlace): void => this.#answered(place);
    const rested = (place: StepPlace): void => this.#rested(place);
    this.#places = new FlowPlaces(runtime, parts, (seat) => {
      return new StepPlace(seat, answered, rested);
    });
  }

  get brokenChecks(): readonly { target: string; reason: string; count: number }[] {
    return this.#places.named(brokenChecks(this.#steps));
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
    const place = this.#places.of(vu);
    place.listener = listener;
    this.#places.begin(place, start);
    if (!this.#places.interrupted) this.#beginStep(place, 0);
    else this.#endLater(place, this.#recordEnd(place, ENDED.interrupted, this.#nowNs()));
  }

  #send(place: StepPlace, index: number): void {
    const step = this.#steps[index]!;
    const { slot } = place;
    place.step = index;
    const session = this.#places.session(place.vu, step.target);
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
  #answered(place: StepPlace): void {
    try {
      this.#goOn(place);
    } catch (thrown) {
      place.listener.failed(thrown);
    }
  }

  #goOn(place: StepPlace): void {
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

  #next(place: StepPlace, index: number): void {
    if (index === this.#steps.length) this.#ended(place, place.failed ? ENDED.failed : ENDED.ok);
    else if (this.#places.isInterrupted(place)) this.#ended(place, ENDED.interrupted);
    else if (lacksNeeded(this.#steps[index]!, place)) this.#ended(place, ENDED.aborted);
    else this.#beginStep(place, index);
  }

  #beginStep(place: StepPlace, index: number): void {
    const think = this.#thinks[index];
    if (think !== undefined) {
      this.#think(think, place, index);
      return;
    }
    if (index > 0) this.#stampLater(place.slot);
    this.#send(place, index);
  }

  /** A step after think time is intended when that is over. */
  #think(think: ThinkTimes, place: StepPlace, index: number): void {
    const { slots, naps } = this.#runtime;
    const { slot, vu, phase, iteration } = place;
    const fromNs = index === 0 ? place.intendedNs : slots.done[slot]!;
    const untilNs = fromNs + think.drawNs(phase, iteration);
    slots.intended[slot] = untilNs;
    place.step = index;
    if (untilNs <= this.#nowNs()) this.#goOnThinking(place);
    else naps.until(vu, untilNs, place.rested);
  }

  #rested(place: StepPlace): void {
    try {
      this.#goOnThinking(place);
    } catch (thrown) {
      place.listener.failed(thrown);
    }
  }

  /** The think time is over, or somebody ended it. */
  #goOnThinking(place: StepPlace): void {
    const { slots } = this.#runtime;
    const { slot, step } = place;
    const nowNs = this.#nowNs();
    if (this.#places.isInterrupted(place)) {
      const endNs = step === 0 ? nowNs : slots.done[slot]!;
      place.listener.ended(place.vu, this.#recordEnd(place, ENDED.interrupted, endNs));
      return;
    }
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
    this.#send(place, step);
  }

  /** A later step is intended when the one before was done, and taken up now. */
  #stampLater(slot: number): void {
    const { slots, clock } = this.#runtime;
    const nowNs = clock.nowNs();
    slots.intended[slot] = slots.done[slot]!;
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
  }

  #bind(step: CompiledStep, place: StepPlace): unknown {
    try {
      return step.operation.bind(place.scope);
    } catch (error) {
      // The iteration was started, so that it has to end in the account of a run that fails.
      this.#recordEnd(place, ENDED.aborted, this.#nowNs());
      throw bindFailure(error, step, { feeders: this.#feeders, iteration: place.iteration });
    }
  }

  /** False for a deadline that is past already: that is a timeout which is never sent. */
  #startDeadline(step: CompiledStep, place: StepPlace): boolean {
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

  #endDeadline(step: CompiledStep, place: StepPlace): void {
    const { slots } = this.#runtime;
    const { slot } = place;
    place.cancelDeadline?.();
    place.cancelDeadline = undefined;
    timeOutLate(slots, slot, slots.intended[slot]! + step.deadlineNs);
  }

  /** Judges the operation that just ended, and accounts for it. */
  #finish(step: CompiledStep, place: StepPlace, session: Session, phase: number): number {
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
  #ended(place: StepPlace, outcome: number): void {
    const doneNs = this.#recordEnd(place, outcome, this.#runtime.slots.done[place.slot]!);
    place.listener.ended(place.vu, doneNs);
  }

  /** The listener is never told before `iterate` has returned. */
  #endLater({ listener, vu }: StepPlace, doneNs: number): void {
    queueMicrotask(() => listener.ended(vu, doneNs));
  }

  #recordEnd(place: StepPlace, outcome: number, doneNs: number): number {
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
function lacksNeeded({ needs }: CompiledStep, { notOk }: FlowPlace): boolean {
  for (let i = 0; i < needs.length; i++) if (notOk[needs[i]!] === 1) return true;
  return false;
}

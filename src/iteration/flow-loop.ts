import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import { NS_PER_MS, type Cancel } from '../base/time/clock.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';
import type { IterationListener, IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOMES, OUTCOME, OUTCOMES } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledStep } from './compile-step.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import { FlowSessions, type ConnectReport, type FlowTarget } from './flow-sessions.ts';
import { iterationUuids } from './iteration-uuid.ts';
import { countItems, judge } from './judge.ts';
import { scopeFactory, showAnswer, type ScopeShape, type VuScope } from './vu-scope.ts';

export interface FlowLoopParts {
  readonly steps: readonly CompiledStep[];
  readonly targets: readonly FlowTarget[];
  /** Those that the steps read. */
  readonly feeders: readonly Feeder[];
  readonly usesUuid: boolean;
  readonly scope: Omit<ScopeShape, 'feeders'>;
}

/** Outcomes that an answer can have before it is judged. */
const IS_ANSWER = new Uint8Array(OUTCOMES.length);
for (const outcome of ['ok', 'status_error', 'protocol_error', 'rejected'] as const) {
  IS_ANSWER[OUTCOME[outcome]] = 1;
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
  listener: IterationListener;
  /** Index of the step that runs. */
  step: number;
  /** A step was not ok, and the iteration went on. */
  failed: boolean;
  /** Where an operation is open. */
  active: Session | undefined;
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
  readonly #feeders: readonly Feeder[];
  readonly #sessions: FlowSessions;
  readonly #places: readonly Place[];
  readonly #uuid: ((phase: number, iteration: number) => string) | undefined;
  /** Handed to the recorder again and again, which copies it. */
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };
  #interrupted = false;

  constructor(runtime: FlowRuntime, parts: FlowLoopParts) {
    const { slotBase, slotCount, share } = runtime;
    this.#runtime = runtime;
    this.#steps = parts.steps;
    this.#feeders = parts.feeders;
    this.#sessions = new FlowSessions(parts.targets, slotBase, slotCount);
    this.#uuid = parts.usesUuid ? iterationUuids(runtime.seed, runtime.flow) : undefined;
    const feeders = parts.feeders.map(({ name }) => name);
    const createScope = scopeFactory({ ...parts.scope, feeders });
    this.#places = Array.from({ length: slotCount }, (_, vu) => {
      const place: Place = {
        vu,
        slot: slotBase + vu,
        scope: createScope(vu * share.count + share.index + 1),
        notOk: new Uint8Array(parts.steps.length),
        answered: () => this.#answered(place),
        listener: NOBODY,
        step: 0,
        failed: false,
        active: undefined,
        cancelDeadline: undefined,
        phase: 0,
        iteration: 0,
        intendedNs: 0,
      };
      return place;
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
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    const place = this.#places[vu]!;
    place.listener = listener;
    this.#begin(place, start);
    if (!this.#interrupted) this.#send(place, 0);
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
    else if (this.#interrupted) this.#ended(place, ENDED.interrupted);
    else if (lacksNeeded(this.#steps[index]!, place)) this.#ended(place, ENDED.aborted);
    else {
      this.#stampLater(place.slot);
      this.#send(place, index);
    }
  }

  #begin(place: Place, start: IterationStart): void {
    const { slots } = this.#runtime;
    const { slot, scope } = place;
    const { iteration, phase } = start;
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
      scope[feeder.name] = feeder.row(iteration);
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
      throw error instanceof ExpressionError ? this.#templateFailed(step, place, error) : error;
    }
  }

  #templateFailed(step: CompiledStep, { iteration }: Place, error: ExpressionError): LoadgenError {
    const used = this.#feeders.filter(({ name }) =>
      [...step.reads].some((path) => path.split('.')[0] === name),
    );
    const rows = used.map((feeder) => `${feeder.rowNumber(iteration)} of "${feeder.name}"`);
    return new LoadgenError(
      'TEMPLATE_FAILED',
      {
        template: error.text,
        step: step.name,
        row: rows.join(' and ') || `none (iteration ${iteration})`,
        reason: error.message,
      },
      { cause: error },
    );
  }

  /** False for a deadline that is past already: that is a timeout which is never sent. */
  #startDeadline(step: CompiledStep, place: Place): boolean {
    const { slots, clock } = this.#runtime;
    const { slot } = place;
    const leftNs = slots.intended[slot]! + step.deadlineNs - this.#nowNs();
    if (leftNs <= 0) {
      this.#neverSent(slot);
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
    const deadlineNs = slots.intended[slot]! + step.deadlineNs;
    // What the timer let through, no better than a millisecond as it is, is told by the stamp.
    if (slots.done[slot]! > deadlineNs && IS_ANSWER[slots.outcome[slot]!] === 1) {
      slots.outcome[slot] = OUTCOME.timeout;
    }
  }

  #neverSent(slot: number): void {
    const { slots, clock } = this.#runtime;
    slots.granted[slot] = slots.acquired[slot]!;
    slots.sent[slot] = 0;
    slots.done[slot] = clock.nowNs();
    slots.outcome[slot] = OUTCOME.timeout;
    slots.bytesSent[slot] = 0;
    slots.bytesReceived[slot] = 0;
    for (const phase of slots.phases) phase[slot] = Number.NaN;
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
    recorder.finished(phase, step.lane, slot, slots);
    if (outcome !== OUTCOME.ok) return outcome;
    if (step.goals.length > 0 && this.#meetsGoals(step, slot)) recorder.goodput(phase, step.lane);
    recorder.items(phase, step.lane, items!);
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
    return doneNs;
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

import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import { NS_PER_MS } from '../base/time/clock.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';
import type { IterationStart } from '../load/executors/executor.ts';
import { ITERATION_OUTCOMES, OUTCOME, OUTCOMES } from '../measure/metrics/outcome.ts';
import type { IterationEnd } from '../measure/metrics/recorder.ts';
import type { CompiledStep } from './compile-step.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import { FlowSessions, type ConnectReport, type FlowTarget } from './flow-sessions.ts';
import { iterationUuids } from './iteration-uuid.ts';
import { countItems, judge } from './judge.ts';
import type { ThinkTimes } from './think-time.ts';
import { scopeFactory, showAnswer, type ScopeShape, type VuScope } from './vu-scope.ts';

export interface FlowLoopParts {
  readonly steps: readonly CompiledStep[];
  readonly targets: readonly FlowTarget[];
  /** Those that the steps read. */
  readonly feeders: readonly Feeder[];
  /** By step: what is thought before it. */
  readonly thinks: readonly (ThinkTimes | undefined)[];
  readonly thinkAfter: ThinkTimes | undefined;
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
  /** Where an operation is open. */
  active: Session | undefined;
  /** The VU was taken away while it ran this iteration. */
  interrupted: boolean;
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
  readonly #thinks: readonly (ThinkTimes | undefined)[];
  readonly #thinkAfter: ThinkTimes | undefined;
  /** Handed to the recorder again and again, which copies it. */
  readonly #end: IterationEnd = { outcome: 0, responseTimeNs: 0 };
  #interrupted = false;

  constructor(runtime: FlowRuntime, parts: FlowLoopParts) {
    const { slotBase, slotCount, share } = runtime;
    this.#runtime = runtime;
    this.#steps = parts.steps;
    this.#feeders = parts.feeders;
    this.#thinks = parts.thinks;
    this.#thinkAfter = parts.thinkAfter;
    this.#sessions = new FlowSessions(parts.targets, slotBase, slotCount);
    this.#uuid = parts.usesUuid ? iterationUuids(runtime.seed, runtime.flow) : undefined;
    const feeders = parts.feeders.map(({ name }) => name);
    const createScope = scopeFactory({ ...parts.scope, feeders });
    this.#places = Array.from({ length: slotCount }, (_, vu) => ({
      vu,
      slot: slotBase + vu,
      scope: createScope(vu * share.count + share.index + 1),
      notOk: new Uint8Array(parts.steps.length),
      active: undefined,
      interrupted: false,
      phase: 0,
      iteration: 0,
      intendedNs: 0,
    }));
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

  async iterate(vu: number, start: IterationStart): Promise<number> {
    const { recorder } = this.#runtime;
    const place = this.#places[vu]!;
    this.#begin(place, start);
    if (this.#interrupted) return this.#endedUnsent(place, ENDED.interrupted);
    const { slot, phase } = place;
    let failed = false;
    for (let index = 0; index < this.#steps.length; index++) {
      const step = this.#steps[index]!;
      if (index > 0) {
        if (this.#interrupted || place.interrupted) return this.#ended(place, ENDED.interrupted);
        if (lacksNeeded(step, place)) return this.#ended(place, ENDED.aborted);
      }
      const think = this.#thinks[index];
      if (think !== undefined) {
        if (await this.#isInterruptedThinking(think, place, index)) {
          return index === 0
            ? this.#endedUnsent(place, ENDED.interrupted)
            : this.#ended(place, ENDED.interrupted);
        }
      } else if (index > 0) this.#stampLater(slot);
      const session = this.#sessions.of(vu, step.target);
      const request = this.#bind(step, place);
      recorder.attempted(phase, step.lane, slot);
      if (step.deadlineNs === Number.POSITIVE_INFINITY) {
        place.active = session;
        await session.execute(request, slot);
        place.active = undefined;
      } else {
        await this.#executeWithin(step, place, session, request);
      }
      const outcome = this.#finish(step, place, session, phase);
      place.notOk[index] = outcome === OUTCOME.ok ? 0 : 1;
      if (outcome === OUTCOME.ok || outcome === OUTCOME.cancelled) continue;
      if (outcome === OUTCOME.interrupted) {
        return this.#ended(place, ENDED.interrupted);
      }
      if (step.endsIteration) return this.#ended(place, ENDED.aborted);
      failed = true;
    }
    return this.#ended(place, failed ? ENDED.failed : ENDED.ok);
  }

  #begin(place: Place, start: IterationStart): void {
    const { slots } = this.#runtime;
    const { slot, scope } = place;
    const { iteration, phase } = start;
    place.interrupted = false;
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

  /** A step after think time is intended when that is over, and taken up then. */
  async #isInterruptedThinking(think: ThinkTimes, place: Place, index: number): Promise<boolean> {
    const { slots, clock, naps } = this.#runtime;
    const { slot, vu, phase, iteration } = place;
    const fromNs = index === 0 ? place.intendedNs : slots.done[slot]!;
    const untilNs = fromNs + think.drawNs(phase, iteration);
    await naps.until(vu, untilNs);
    if (this.#interrupted || place.interrupted) return true;
    const nowNs = Math.max(untilNs, clock.nowNs());
    slots.intended[slot] = untilNs;
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
    return false;
  }

  #bind(step: CompiledStep, place: Place): unknown {
    try {
      return step.operation.bind(place.scope);
    } catch (error) {
      // The iteration was started, so that it has to end in the account of a run that fails.
      this.#endedUnsent(place, ENDED.aborted);
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

  /** Executes with a deadline: one that is past already is a timeout that was never sent. */
  async #executeWithin(
    step: CompiledStep,
    place: Place,
    session: Session,
    request: unknown,
  ): Promise<void> {
    const { slots, clock } = this.#runtime;
    const { slot } = place;
    const deadlineNs = slots.intended[slot]! + step.deadlineNs;
    const leftNs = deadlineNs - clock.nowNs();
    if (leftNs <= 0) {
      this.#neverSent(slot);
      return;
    }
    let open = true;
    // Timers run before the poll for I/O: an answer that waits in the kernel is read first.
    const expire = (): void =>
      clock.nextTurn(() => {
        if (open) session.abort(slot, OUTCOME.timeout);
      });
    const cancel = clock.after(leftNs / NS_PER_MS, expire);
    place.active = session;
    await session.execute(request, slot);
    place.active = undefined;
    open = false;
    cancel();
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
  #ended(place: Place, outcome: number): number {
    return this.#endAt(place, outcome, this.#runtime.slots.done[place.slot]!);
  }

  /** The iteration ended before it sent what it was to send. */
  #endedUnsent(place: Place, outcome: number): number {
    return this.#endAt(place, outcome, this.#runtime.clock.nowNs());
  }

  #endAt(place: Place, outcome: number, doneNs: number): number {
    this.#end.outcome = outcome;
    this.#end.responseTimeNs = doneNs - place.intendedNs;
    this.#runtime.recorder.ended(place.phase, this.#runtime.flow, place.vu, this.#end);
    if (this.#thinkAfter === undefined) return doneNs;
    return doneNs + this.#thinkAfter.drawNs(place.phase, place.iteration);
  }
}

/** Whether it reads what a step extracts that was not ok in this iteration. */
function lacksNeeded({ needs }: CompiledStep, { notOk }: Place): boolean {
  for (let i = 0; i < needs.length; i++) if (notOk[needs[i]!] === 1) return true;
  return false;
}

import { ExpressionError } from '../base/expressions/expression-error.ts';
import { randomUniform, randomStream, type RandomStream } from '../base/random/counter-random.ts';
import { NS_PER_MS } from '../base/time/clock.ts';
import type { Session } from '../drivers/driver.ts';
import { OUTCOME } from '../measure/metrics/outcome.ts';
import type { CompiledStep } from './compile-step.ts';
import { FlowPlace, type FlowParts, type FlowPlaces } from './flow-places.ts';
import type { FlowRuntime } from './flow-runtime.ts';
import { brokenChecks, countItems, judge, type BrokenCheck } from './judge.ts';
import { neverSent, timeOutLate } from './late-operations.ts';
import { scoreAnswer } from './score-answers.ts';
import { beginWrite, endWrite } from './watch-writes.ts';
import { bindFailure } from './template-failed.ts';
import { showAnswer } from './vu-scope.ts';

/** A place of a flow that is a program: no step of it has run, and so was ok, until it did. */
export class ProgramPlace extends FlowPlace {
  /** When the next operation is intended: think times move it on. */
  nextIntendedNs = 0;
  lastDoneNs: number | undefined = undefined;
  /** No operation of the iteration has begun: its stamps are those of its arrival. */
  isFirst = true;
}

/** Runs the operations of one step in one iteration: one, or as many as a poll takes. */
export class ProgramOperation {
  readonly #runtime: FlowRuntime;
  readonly #parts: FlowParts;
  readonly #places: FlowPlaces<ProgramPlace>;
  /** By step: the same without expectations, and where it is drawn which of them are checked. */
  readonly #unchecked = new Map<CompiledStep, { step: CompiledStep; stream: RandomStream }>();

  constructor(runtime: FlowRuntime, parts: FlowParts, places: FlowPlaces<ProgramPlace>) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#places = places;
    for (const step of parts.steps.filter(({ extras }) => extras.checkShare < 1)) {
      const stream = randomStream(runtime.seed, `check/${step.name}/${runtime.flow}`);
      const broken = new Float64Array(1);
      const unchecked = { ...step, scores: [], expectations: [], replacesStatus: false, broken };
      const extras = { ...step.extras, records: [] };
      this.#unchecked.set(step, { step: { ...unchecked, extras }, stream });
    }
  }

  get brokenChecks(): readonly BrokenCheck[] {
    return brokenChecks(this.#parts.steps.map((step) => this.#countedTogether(step)));
  }

  /** Of those that were not checked a value can be missing all the same. */
  #countedTogether(step: CompiledStep): CompiledStep {
    const unchecked = this.#unchecked.get(step);
    if (unchecked === undefined) return step;
    const broken = step.broken.slice();
    broken[step.expectations.length]! += unchecked.step.broken[0]!;
    return { ...step, broken };
  }

  /** The outcome of the last operation; undefined where none was begun before an interrupt. */
  async run(
    step: CompiledStep,
    place: ProgramPlace,
    session: Session,
  ): Promise<number | undefined> {
    const { slots, clock } = this.#runtime;
    const { until, everyNs, timeoutNs } = step.extras;
    if (!(await this.#stamp(place))) return undefined;
    const firstNs = slots.intended[place.slot]!;
    const pollEndNs = until === undefined ? Infinity : clock.nowNs() + timeoutNs;
    for (;;) {
      const poll = { firstNs, endNs: pollEndNs };
      const { outcome, again } = await this.#attempt(step, place, session, poll);
      place.lastDoneNs = slots.done[place.slot]!;
      place.nextIntendedNs = place.lastDoneNs;
      if (!again) return outcome;
      place.nextIntendedNs = Math.max(place.lastDoneNs, slots.intended[place.slot]! + everyNs);
      if (!(await this.#stamp(place))) return OUTCOME.interrupted;
    }
  }

  /** Waits until the next operation is intended; false where an interrupt came first. */
  async #stamp(place: ProgramPlace): Promise<boolean> {
    const { slots, clock } = this.#runtime;
    const { slot } = place;
    const isArrival = place.isFirst && place.nextIntendedNs === place.intendedNs;
    place.isFirst = false;
    if (isArrival) return true;
    const intendedNs = Math.max(place.nextIntendedNs, place.lastDoneNs ?? 0);
    await this.#waitUntil(intendedNs, place);
    if (this.#places.isInterrupted(place)) return false;
    const nowNs = clock.nowNs();
    slots.intended[slot] = intendedNs;
    slots.picked[slot] = nowNs;
    slots.acquired[slot] = nowNs;
    return true;
  }

  /** Waits where others think; whoever takes the VU away ends it. */
  async #waitUntil(timeNs: number, place: ProgramPlace): Promise<void> {
    const { clock, naps } = this.#runtime;
    if (timeNs <= clock.nowNs() || this.#places.isInterrupted(place)) return;
    await new Promise<void>((rested) => naps.until(place.vu, timeNs, rested));
  }

  async #attempt(
    written: CompiledStep,
    place: ProgramPlace,
    session: Session,
    poll: { readonly firstNs: number; readonly endNs: number },
  ): Promise<{ outcome: number; again: boolean }> {
    const { slots, recorder, clock } = this.#runtime;
    const { slot, phase, scope } = place;
    const step = this.#checked(written, place);
    const lane = step.lane + (step.extras.laneOf?.(scope) ?? 0);
    const request = this.#bind(step, place);
    recorder.attempted(phase, lane, slot);
    if (step.watch !== undefined) {
      beginWrite(step.watch, scope, this.#runtime.scores!.sink, { slot, nowNs: clock.nowNs() });
    }
    await this.#execute(step, place, { session, request, pollEndNs: poll.endNs });
    showAnswer(scope, session);
    const { outcome, again } = this.#judge(step, place, poll);
    slots.outcome[slot] = outcome;
    if (step.watch !== undefined) {
      endWrite(step.watch, slots, slot, this.#runtime.scores!.sink);
    }
    const { goals } = step;
    // Before the recorder takes over what the driver counted.
    const isGood = goals.length > 0 && goals.every((goal) => goal(slots, slot));
    recorder.finished(phase, lane, slot, slots);
    if (outcome !== OUTCOME.ok || again) return { outcome, again };
    if (isGood) recorder.goodput(phase, lane);
    recorder.items(phase, lane, countItems(step, scope)!);
    if (step.scores.length > 0) {
      const { iteration } = place;
      const of = { phase, iteration, lane: lane - step.lane };
      scoreAnswer(step, scope, this.#runtime.scores!.sink, of, { slots, slot });
    }
    return { outcome, again };
  }

  #checked(step: CompiledStep, { iteration }: ProgramPlace): CompiledStep {
    const unchecked = this.#unchecked.get(step);
    if (unchecked === undefined) return step;
    const isChecked = randomUniform(unchecked.stream, iteration) < step.extras.checkShare;
    return isChecked ? step : unchecked.step;
  }

  #bind(step: CompiledStep, { scope, iteration }: ProgramPlace): unknown {
    try {
      return step.operation.bind(scope);
    } catch (error) {
      throw bindFailure(error, step, { feeders: this.#parts.feeders, iteration });
    }
  }

  /** Executes until the deadline of the step, or until its poll is over, if that is before it. */
  async #execute(
    step: CompiledStep,
    place: ProgramPlace,
    use: { readonly session: Session; readonly request: unknown; readonly pollEndNs: number },
  ): Promise<void> {
    const { slots, clock } = this.#runtime;
    const { slot } = place;
    const { session, request } = use;
    const endNs = Math.min(slots.intended[slot]! + step.deadlineNs, use.pollEndNs);
    const leftNs = endNs - clock.nowNs();
    if (leftNs <= 0) {
      neverSent(slots, slot, clock.nowNs());
      return;
    }
    let open = true;
    // Timers run before the poll for I/O: an answer that waits in the kernel is read first.
    const expire = (): void =>
      clock.nextTurn(() => {
        if (open) session.abort(slot, OUTCOME.timeout);
      });
    const cancel = leftNs === Infinity ? undefined : clock.after(leftNs / NS_PER_MS, expire);
    place.active = session;
    await new Promise<void>((ended) => session.execute(request, slot, ended));
    place.active = undefined;
    open = false;
    cancel?.();
    timeOutLate(slots, slot, endNs);
  }

  /** The outcome, and whether a poll goes on; writes what the step records of its own. */
  #judge(
    step: CompiledStep,
    { slot, scope }: ProgramPlace,
    poll: { readonly firstNs: number; readonly endNs: number },
  ): { outcome: number; again: boolean } {
    const { slots } = this.#runtime;
    const { until, everyNs, ownPhases, records } = step.extras;
    const own = ownPhases + (until === undefined ? 0 : 1);
    for (let index = ownPhases; index < own + records.length; index++) {
      slots.phases[index]![slot] = Number.NaN;
    }
    const raw = slots.outcome[slot]!;
    if (until !== undefined && isJudged(step, raw) && !until.test(scope)) {
      const nextNs = Math.max(slots.done[slot]!, slots.intended[slot]! + everyNs);
      const again = nextNs < poll.endNs;
      return { outcome: again ? OUTCOME.ok : OUTCOME.timeout, again };
    }
    const outcome = judge(step, scope, raw);
    if (outcome !== OUTCOME.ok) return { outcome, again: false };
    if (countItems(step, scope) === undefined) {
      return { outcome: OUTCOME.check_failed, again: false };
    }
    for (const [index, { expression, factor }] of records.entries()) {
      const value = numberOf(() => expression.evaluate(scope));
      if (value === undefined) return { outcome: OUTCOME.check_failed, again: false };
      slots.phases[own + index]![slot] = value * factor;
    }
    if (until !== undefined) slots.phases[ownPhases]![slot] = slots.done[slot]! - poll.firstNs;
    return { outcome, again: false };
  }
}

/** Whether `until` looks at it: an answer, and where it names the status also one that failed. */
function isJudged({ replacesStatus }: CompiledStep, outcome: number): boolean {
  if (outcome === OUTCOME.ok) return true;
  return replacesStatus && (outcome === OUTCOME.status_error || outcome === OUTCOME.rejected);
}

/** A number that a histogram takes; undefined for anything else. */
function numberOf(evaluate: () => unknown): number | undefined {
  try {
    const value = Number(evaluate());
    return Number.isFinite(value) && value >= 0 ? value : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

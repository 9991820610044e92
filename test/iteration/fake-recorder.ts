import assert from 'node:assert/strict';
import type { OperationSlots } from '../../src/measure/metrics/operation-slots.ts';
import { ITERATION_OUTCOMES, OUTCOMES } from '../../src/measure/metrics/outcome.ts';
import type {
  IterationEnd,
  IterationRecorder,
  OperationRecorder,
} from '../../src/measure/metrics/recorder.ts';

export interface FinishedOperation {
  readonly phase: number;
  readonly lane: number;
  readonly slot: number;
  readonly outcome: string;
  readonly intended: number;
  readonly picked: number;
  readonly acquired: number;
  readonly granted: number;
  readonly sent: number;
  readonly done: number;
}

export interface EndedIteration {
  readonly phase: number;
  readonly flow: number;
  readonly vu: number;
  readonly outcome: string;
  readonly responseTimeNs: number;
}

/** Keeps what it is told, in order, and knows when an account is wrong. */
export class FakeRecorder implements OperationRecorder, IterationRecorder {
  readonly calls: string[] = [];
  readonly operations: FinishedOperation[] = [];
  readonly iterations: EndedIteration[] = [];
  readonly counts = { attempted: 0, goodput: 0, items: 0, started: 0 };
  readonly #inFlight = new Map<number, string>();
  readonly #running = new Set<number>();

  attempted(phase: number, lane: number, slot: number): void {
    this.calls.push('attempted');
    assert.ok(!this.#inFlight.has(slot), `slot ${slot} has an operation in flight`);
    this.#inFlight.set(slot, `${phase}/${lane}`);
    this.counts.attempted++;
  }

  finished(phase: number, lane: number, slot: number, slots: OperationSlots): void {
    this.calls.push('finished');
    assert.equal(this.#inFlight.get(slot), `${phase}/${lane}`, 'finished what was attempted');
    this.#inFlight.delete(slot);
    for (const counts of slots.counts) counts[slot] = 0;
    for (const samples of slots.samples) samples.clear(slot);
    this.operations.push({
      phase,
      lane,
      slot,
      outcome: OUTCOMES[slots.outcome[slot]!]!,
      intended: slots.intended[slot]!,
      picked: slots.picked[slot]!,
      acquired: slots.acquired[slot]!,
      granted: slots.granted[slot]!,
      sent: slots.sent[slot]!,
      done: slots.done[slot]!,
    });
  }

  goodput(): void {
    this.calls.push('goodput');
    this.counts.goodput++;
  }

  items(_phase: number, _lane: number, count: number): void {
    this.calls.push('items');
    this.counts.items += count;
  }

  started(_phase: number, _flow: number, vu: number): void {
    assert.ok(!this.#running.has(vu), `VU ${vu} runs an iteration`);
    this.#running.add(vu);
    this.counts.started++;
  }

  ended(phase: number, flow: number, vu: number, end: IterationEnd): void {
    this.calls.push('ended');
    assert.ok(this.#running.delete(vu), `VU ${vu} ran an iteration`);
    const outcome = ITERATION_OUTCOMES[end.outcome]!;
    this.iterations.push({ phase, flow, vu, outcome, responseTimeNs: end.responseTimeNs });
  }

  due(): void {}
  unsent(): void {}
  waiting(): void {}
  pacerLag(): void {}

  /** Nothing is in flight or running, and every attempt and start has its end. */
  assertBalanced(): void {
    assert.equal(this.#inFlight.size, 0);
    assert.equal(this.#running.size, 0);
    assert.equal(this.operations.length, this.counts.attempted);
    assert.equal(this.iterations.length, this.counts.started);
  }
}

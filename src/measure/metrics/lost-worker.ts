import {
  ITERATION_OUTCOME,
  ITERATION_OUTCOMES,
  OUTCOME,
  OUTCOMES,
  UNSENT_REASON,
  UNSENT_REASONS,
} from './outcome.ts';
import { FLOW_COUNTER, LANE_COUNTER, type SeriesLayout } from './series-layout.ts';

/** What the plan still held for a worker that died, beyond what had come due. */
export interface RemainingPlan {
  readonly phase: number;
  readonly flow: number;
  readonly count: number;
}

/**
 * Closes the account of a worker that has died in its own live counters. What is missing is found
 * by difference, and not by its slots: it may have died between two writes that belong together.
 */
export function settleLostWorker(
  layout: SeriesLayout,
  live: Float64Array,
  remaining: readonly RemainingPlan[],
): void {
  for (const { flow, count } of remaining) {
    live[layout.flows[flow]!.counterBase + FLOW_COUNTER.due]! += count;
  }
  for (const { counterBase } of layout.flows) settleFlow(live, counterBase);
  for (const { counterBase } of layout.lanes) {
    const ended = sumFrom(live, counterBase + LANE_COUNTER.operations, OUTCOMES.length);
    const interrupted = counterBase + LANE_COUNTER.operations + OUTCOME.interrupted;
    live[interrupted]! += live[counterBase + LANE_COUNTER.attempted]! - ended;
  }
}

function settleFlow(live: Float64Array, counterBase: number): void {
  const due = live[counterBase + FLOW_COUNTER.due]!;
  const started = live[counterBase + FLOW_COUNTER.started]!;
  const unsentBase = counterBase + FLOW_COUNTER.unsent;
  const iterationBase = counterBase + FLOW_COUNTER.iterations;
  const unsent = sumFrom(live, unsentBase, UNSENT_REASONS.length);
  const ended = sumFrom(live, iterationBase, ITERATION_OUTCOMES.length);
  live[unsentBase + UNSENT_REASON.worker_lost]! += due - started - unsent;
  live[iterationBase + ITERATION_OUTCOME.interrupted]! += started - ended;
  live[counterBase + FLOW_COUNTER.waiting] = 0;
  live[counterBase + FLOW_COUNTER.running] = 0;
  live[counterBase + FLOW_COUNTER.inFlight] = 0;
}

function sumFrom(counters: Float64Array, from: number, length: number): number {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += counters[at]!;
  return sum;
}

import { OUTCOME, OUTCOMES } from '../measure/metrics/outcome.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';

/** Outcomes that an answer can have before it is judged. */
const IS_ANSWER = new Uint8Array(OUTCOMES.length);
for (const outcome of ['ok', 'status_error', 'protocol_error', 'rejected'] as const) {
  IS_ANSWER[OUTCOME[outcome]] = 1;
}

/** What the timer let through, no better than a millisecond as it is, is told by the stamp. */
export function timeOutLate(slots: OperationSlots, slot: number, deadlineNs: number): void {
  if (slots.done[slot]! > deadlineNs && IS_ANSWER[slots.outcome[slot]!] === 1) {
    slots.outcome[slot] = OUTCOME.timeout;
  }
}

/** An operation whose deadline was past before it could be sent. */
export function neverSent(slots: OperationSlots, slot: number, nowNs: number): void {
  slots.granted[slot] = slots.acquired[slot]!;
  slots.sent[slot] = 0;
  slots.done[slot] = nowNs;
  slots.outcome[slot] = OUTCOME.timeout;
  slots.bytesSent[slot] = 0;
  slots.bytesReceived[slot] = 0;
  for (const phase of slots.phases) phase[slot] = Number.NaN;
}

import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { StreamEvents } from '../stream/stream-events.ts';
import { streamTimes } from '../stream/stream-times.ts';
import type { TokenUsage } from '../token-usage.ts';
import type { DialectPlace } from './dialect.ts';

export interface DialectRecord {
  readonly slots: OperationSlots;
  readonly slot: number;
  readonly events: StreamEvents;
  readonly usage: TokenUsage | undefined;
}

/** Writes what other tools would have measured of the operation in `slot`, which ended ok. */
export function recordDialects(
  places: readonly DialectPlace[],
  { slots, slot, events, usage }: DialectRecord,
): void {
  const stream = {
    intendedNs: slots.intended[slot]!,
    sentNs: slots.sent[slot]!,
    doneNs: slots.done[slot]!,
    events,
    times: streamTimes(events),
    outputTokens: usage?.output ?? Number.NaN,
  };
  for (const { metric, place } of places) {
    if (metric.value !== undefined) slots.phases[place]![slot] = metric.value(stream);
    else metric.each(stream, (valueNs) => slots.samples[place]!.add(slot, valueNs));
  }
}

import type { StreamFacts } from '../../../src/drivers/openai/dialects/dialect.ts';
import { BROUGHT, StreamEvents } from '../../../src/drivers/openai/stream/stream-events.ts';
import { streamTimes } from '../../../src/drivers/openai/stream/stream-times.ts';

type Kind = 'role' | 'content' | 'reasoning' | 'tool' | 'usage' | 'counted';

const BITS: Readonly<Record<Kind, number>> = {
  role: BROUGHT.choices,
  content: BROUGHT.choices | BROUGHT.content,
  reasoning: BROUGHT.choices | BROUGHT.reasoning,
  tool: BROUGHT.choices | BROUGHT.toolCall,
  counted: BROUGHT.choices | BROUGHT.countedToken,
  usage: 0,
};

/** Events as [ms, kind, tokens so far where the server says]. */
export function eventsOf(...list: readonly (readonly [number, Kind, number?])[]): StreamEvents {
  const events = new StreamEvents();
  for (const [atMs, kind, tokens = Number.NaN] of list) events.add(atMs * 1e6, BITS[kind], tokens);
  return events;
}

/** Scheduled at 0, sent at 10 ms. */
export function factsOf(
  events: StreamEvents,
  { doneMs, outputTokens }: { readonly doneMs: number; readonly outputTokens: number },
): StreamFacts {
  return {
    intendedNs: 0,
    sentNs: 10e6,
    doneNs: doneMs * 1e6,
    events,
    times: streamTimes(events),
    outputTokens,
  };
}

import { NS_PER_MS, sleep, type Clock } from '../../../base/time/clock.ts';
import type { MadeIndex } from './index-settings.ts';
import type { ReadyCall } from './vector-calls.ts';
import type { VectorClient } from './vector-client.ts';
import { READY_STATES, type ReadyState } from './vector-schemas.ts';

/**
 * Looks again and again until the collection has reached the states asked for, and tells each state
 * when it is first seen. Without a number of rows all are inserted when two looks see as many.
 */
export async function waitUntilReady(
  client: Pick<VectorClient, 'progress'>,
  call: ReadyCall,
  { clock, signal, reached, made }: ReadyWatch,
): Promise<number> {
  const last = Math.max(...call.states.map((state) => READY_STATES.indexOf(state)));
  let next = 0;
  let rowsBefore = Number.NaN;
  for (;;) {
    const progress = await client.progress(call.collection, signal);
    signal.throwIfAborted();
    if (progress.made !== undefined) made(progress.made);
    const { rows } = progress;
    const isInserted = call.rows === undefined ? rows === rowsBefore : rows >= call.rows;
    const states: Readonly<Record<ReadyState, boolean>> = {
      inserted: isInserted,
      searchable: progress.isSearchable,
      indexed: progress.isIndexed,
    };
    while (next <= last && states[READY_STATES[next]!]) reached(READY_STATES[next++]!);
    if (next > last) return rows;
    rowsBefore = rows;
    await sleep(clock, call.everyNs / NS_PER_MS);
  }
}

export interface ReadyWatch {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called in the order of READY_STATES, also for those that nobody asked for. */
  reached(state: ReadyState): void;
  /** An index that had waited for its rows was made; may throw what ends the wait. */
  made(index: MadeIndex): void;
}

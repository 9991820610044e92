import type { RawSample } from '../read/read-samples.ts';
import type { LoggedRequest } from './server-log.ts';

/** An operation that loadgen sent, and its row in the server's log. */
export interface MatchedRequest {
  readonly sample: RawSample;
  readonly logged: LoggedRequest;
}

export interface RequestMatch {
  readonly pairs: readonly MatchedRequest[];
  readonly sent: number;
  /** Ended before anything was written: nothing of them can be in a log. */
  readonly notSent: number;
  readonly missing: number;
  readonly duplicated: number;
  readonly unknown: number;
}

/**
 * Finds the row of every operation by its lane and iteration. Warm-up and measured phase count
 * their iterations apart, so that a name can occur twice: in order of time, sends and arrivals of
 * one name belong together.
 */
export function matchRequests(
  samples: readonly RawSample[],
  log: readonly LoggedRequest[],
): RequestMatch {
  const sent = samples.filter((sample) => !Number.isNaN(sample.sent));
  const sends = grouped(sent, (sample) => sample);
  const marked = log.filter(({ operation }) => operation !== undefined);
  const arrivals = grouped(marked, ({ operation }) => operation!);
  const pairs: MatchedRequest[] = [];
  let missing = 0;
  let duplicated = 0;
  let unknown = log.length - marked.length;
  for (const [name, named] of sends) {
    const inOrder = named.toSorted((one, other) => one.sent - other.sent);
    const rows = arrivals.get(name) ?? [];
    missing += Math.max(0, inOrder.length - rows.length);
    duplicated += Math.max(0, rows.length - inOrder.length);
    rows.slice(0, inOrder.length).forEach((logged, index) => {
      pairs.push({ sample: inOrder[index]!, logged });
    });
  }
  for (const [name, rows] of arrivals) if (!sends.has(name)) unknown += rows.length;
  const notSent = samples.length - sent.length;
  return { pairs, sent: sent.length, notSent, missing, duplicated, unknown };
}

interface OperationName {
  readonly lane: number;
  readonly iteration: number;
}

/** Above any iteration number that a run comes to, and small enough for 8,000 lanes in a double. */
const LANE_STEP = 2 ** 40;

function grouped<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => OperationName,
): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const { lane, iteration } = nameOf(item);
    const key = lane * LANE_STEP + iteration;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { slotsNeeded } from '../../load/executors/slots-needed.ts';
import type { ResolvedTarget } from '../resolved.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** Files that a run opens beside its connections: results, data, threads, pipes of servers. */
export const DESCRIPTOR_HEADROOM = 64;

/** Connections that one flow opens at most to the targets of its steps. */
export function connectionsNeeded(load: Load, targets: readonly ResolvedTarget[]): number {
  const atOnce = slotsNeeded(load, { index: 0, count: 1 });
  return targets.reduce(
    (sum, { connections = Infinity }) => sum + Math.min(atOnce, connections),
    0,
  );
}

/** A process that runs out of file descriptors fails requests that the server would have served. */
export function checkConnections(
  tree: TrialTree,
  load: Load,
  context: {
    readonly targets: readonly ResolvedTarget[];
    readonly descriptorLimit: number | undefined;
    /** Where the load stands. */
    readonly path: Path;
  },
): void {
  const { targets, descriptorLimit: limit, path: at } = context;
  const needed = connectionsNeeded(load, targets);
  if (limit === undefined || needed + DESCRIPTOR_HEADROOM <= limit) return;
  const suggested = needed + DESCRIPTOR_HEADROOM;
  const error = new LoadgenError('TOO_MANY_CONNECTIONS', { needed, limit, suggested });
  const key = ['maxInFlight', 'vus'].find((name) => tree.has([...at, name]));
  const path = key === undefined ? at : [...at, key];
  tree.add({ path, message: error.message, hint: error.hint });
}

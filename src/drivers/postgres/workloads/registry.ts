import { batchInsert, indexedLookup } from './items.ts';
import { mixedOltp } from './mixed-oltp.ts';
import { selectOnly, simpleUpdate, tpcbLike } from './pgbench.ts';
import type { Workload } from './workload.ts';

/** The built-in workloads by name. */
export const WORKLOADS = {
  'tpcb-like': tpcbLike,
  'select-only': selectOnly,
  'simple-update': simpleUpdate,
  'indexed-lookup': indexedLookup,
  'batch-insert': batchInsert,
  'mixed-oltp': mixedOltp,
} as const satisfies Record<string, Workload>;

type WorkloadName = keyof typeof WORKLOADS;

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as [WorkloadName, ...WorkloadName[]];

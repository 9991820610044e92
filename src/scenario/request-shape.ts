import { createHash } from 'node:crypto';
import type { ResolvedTrial } from './resolved.ts';

/** What it takes to make the requests of a trial, whoever answers them and however many there are. */
export interface RequestShape {
  /** Sorted, joined by `+` where there are several. */
  readonly driver: string;
  /** Of requests, the data they are made of, and the connections they go over. */
  readonly hash: string;
}

export function requestShape({ flows, targets, data, params }: ResolvedTrial): RequestShape {
  const steps = flows.flatMap((flow) => flow.steps);
  const made = steps.map(({ driver, verb, spec, target }) => {
    const { connection, connections = null, options } = targets[target]!;
    return { driver, verb, spec, connection, connections, options };
  });
  const drivers = [...new Set(steps.map(({ driver }) => driver))].toSorted();
  const text = JSON.stringify({ made, data, params });
  return { driver: drivers.join('+'), hash: createHash('sha256').update(text).digest('hex') };
}

import type { Machine } from '../schema/meta.ts';
import type { ResultTarget } from '../schema/result.ts';

export interface ServerMachine {
  readonly architecture: string;
  /** The model as the system names it. */
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
}

/**
 * The machine of a server; known only where it is our own: it was started here, or has a loopback
 * address.
 */
export function serverMachine(target: ResultTarget, machine: Machine): ServerMachine | undefined {
  const isHere =
    target.server !== null || /^[a-z]+:\/\/(localhost|127\.|\[::1\]|\/)/.test(target.url);
  if (!isHere) return undefined;
  const { architecture, cpu, cores, memoryBytes } = machine;
  return { architecture, cpu, cores, memoryGb: Math.round(memoryBytes / 2 ** 30) };
}

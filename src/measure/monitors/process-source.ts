import type { Clock } from '../../base/time/clock.ts';
import type { MetricDeclaration } from '../metrics/metric.ts';
import { readProcessTree } from './process-tree.ts';
import type { ServerSource } from './server-source.ts';

const SERVER_CPU: MetricDeclaration = {
  name: 'server_cpu',
  kind: 'gauge',
  unit: 'ratio',
  description: 'CPU time of the server’s processes over wall time: 100% is one core.',
  better: 'lower',
};
export const SERVER_MEMORY: MetricDeclaration = {
  name: 'server_memory',
  kind: 'gauge',
  unit: 'bytes',
  description: 'Resident memory of the server’s processes; shared pages count in each of them.',
  better: 'lower',
};
const SERVER_PROCESSES: MetricDeclaration = {
  name: 'server_processes',
  kind: 'gauge',
  unit: 'count',
  description: 'Processes of the server.',
  better: 'neither',
};

export const PROCESS_METRICS = [SERVER_CPU, SERVER_MEMORY, SERVER_PROCESSES] as const;

/** CPU and memory of a server that runs here, from its first process on. */
export function processSource(
  about: { readonly target: string; readonly everyNs: number; readonly pid: number },
  clock: Clock,
): ServerSource {
  const { target, everyNs, pid } = about;
  const tags = { target };
  let before: { readonly atNs: number; readonly cpuNs: number } | undefined;
  return {
    target,
    kind: 'process',
    everyNs,
    read() {
      const use = readProcessTree(pid);
      if (use === undefined) return Promise.reject(new Error(`process ${pid} is gone`));
      const { cpuNs, residentBytes, processes } = use;
      const now = { atNs: clock.nowNs(), cpuNs };
      const share = before && (cpuNs - before.cpuNs) / (now.atNs - before.atNs);
      before = now;
      return Promise.resolve([
        ...(share === undefined
          ? []
          : [{ declaration: SERVER_CPU, tags, value: Math.max(0, share) }]),
        { declaration: SERVER_MEMORY, tags, value: residentBytes },
        { declaration: SERVER_PROCESSES, tags, value: processes },
      ]);
    },
    close() {},
  };
}

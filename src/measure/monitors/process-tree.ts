import { readdirSync, readFileSync } from 'node:fs';
import { NS_PER_TICK } from './processor-time.ts';

/** More processes than this of one server are not looked at. */
const PROCESSES_LIMIT = 256;

/** What a process and all that it started have used so far, and hold now. */
export interface TreeUse {
  readonly cpuNs: number;
  /** Resident; pages that several of them share are counted in each. */
  readonly residentBytes: number;
  readonly processes: number;
}

/** Of a process and its descendants; undefined where it is gone, or the system does not tell. */
export function readProcessTree(rootPid: number): TreeUse | undefined {
  const use = { cpuNs: 0, residentBytes: 0, processes: 0 };
  const pids = [rootPid];
  for (let pid = pids.shift(); pid !== undefined; pid = pids.shift()) {
    const one = readProcess(pid);
    if (one === undefined) continue;
    use.cpuNs += one.cpuNs;
    use.residentBytes += one.residentBytes;
    if (++use.processes >= PROCESSES_LIMIT) break;
    pids.push(...childrenOf(pid));
  }
  return use.processes === 0 ? undefined : use;
}

/** Of pages, everywhere that Node runs on Linux with the default page size. */
const PAGE_BYTES = 4_096;

/** /proc/PID/stat, as proc(5) describes it. */
function readProcess(pid: number): Omit<TreeUse, 'processes'> | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/**
 * CPU time with that of children that have ended and were waited for, so that the sum over a tree
 * never goes back when one of them ends.
 */
export function parseProcessStat(text: string): Omit<TreeUse, 'processes'> {
  // The second field is a name in parentheses that may hold anything, blanks and ) too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { cpuNs: ticks * NS_PER_TICK, residentBytes: Number(fields[21]) * PAGE_BYTES };
}

/** Each thread lists the processes that it started. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      return text.split(' ').filter(Boolean).map(Number);
    });
  } catch {
    return [];
  }
}

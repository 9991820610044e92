import { readFileSync, readdirSync } from 'node:fs';

/**
 * Resident memory of a process now, in bytes (VmRSS of proc(5)); undefined of one that has ended
 * and whose parent has not looked yet.
 */
export function residentBytes(pid: number): number | undefined {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Descriptors that a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many descriptors a process started here may have (ulimit -n). */
export function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)![1]);
}

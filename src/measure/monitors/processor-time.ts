import { readFileSync } from 'node:fs';

/** Of all processors together, in ticks since the machine began. */
export interface ProcessorTime {
  readonly total: number;
  /** With nothing to do. */
  readonly idle: number;
  /** Taken away by the hypervisor for others. */
  readonly stolen: number;
}

/** USER_HZ is 100 on every architecture that Node runs on. */
export const NS_PER_TICK = 10_000_000;

/** Undefined where the system does not tell, as outside Linux. */
export function readProcessorTime(): ProcessorTime | undefined {
  try {
    return parseProcessorTime(readFileSync('/proc/stat', 'latin1'));
  } catch {
    return undefined;
  }
}

/** The first line of /proc/stat, as proc(5) describes it. */
export function parseProcessorTime(text: string): ProcessorTime | undefined {
  const fields = /^cpu +([\d ]+)/.exec(text)?.[1]?.trim().split(' ').map(Number);
  if (fields === undefined || fields.length < 8) return undefined;
  // user nice system idle iowait irq softirq steal; guest times are part of user and nice.
  const total = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  return { total, idle: fields[3]! + fields[4]!, stolen: fields[7]! };
}

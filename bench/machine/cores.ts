import { readFileSync } from 'node:fs';

/** So that client and server do not take each other's time. */
export const CLIENT_CORE = 0;
export const SERVER_CORE = 1;

/** Seconds that a core has spent since the machine started. */
export interface CoreTimes {
  /** In programs and in the kernel on their behalf; interrupts apart. */
  readonly busySeconds: number;
  /** Taken by the hypervisor for other machines. */
  readonly stolenSeconds: number;
}

/** USER_HZ: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

export function coreTimes(core: number): CoreTimes {
  return parseCoreTimes(readFileSync('/proc/stat', 'utf8'), core);
}

/** From the text of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseCoreTimes(text: string, core: number): CoreTimes {
  const line = text.split('\n').find((row) => row.startsWith(`cpu${core} `));
  if (line === undefined) throw new Error(`/proc/stat has no cpu${core}`);
  const [user, nice, system, , , , , steal] = line.trim().split(/\s+/).slice(1).map(Number);
  return {
    busySeconds: (user! + nice! + system!) / TICKS_PER_SECOND,
    stolenSeconds: (steal ?? 0) / TICKS_PER_SECOND,
  };
}

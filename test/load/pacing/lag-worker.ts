import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../../src/base/time/clock.ts';
import type { Alarm } from '../../../src/load/pacing/alarm.ts';
import { AlarmPacer } from '../../../src/load/pacing/alarm-pacer.ts';
import { BoardAlarm } from '../../../src/load/pacing/board-alarm.ts';
import { KernelAlarm } from '../../../src/load/pacing/kernel-alarm.ts';
import type { PacingPlace } from '../../../src/load/pacing/pacing-thread.ts';

const MS = 1e6;

/** Twenty waits of a few ms: by how much each was late, in ns. */
export async function lagsOf(alarm: Alarm): Promise<number[]> {
  const pacer = new AlarmPacer(systemClock, alarm);
  // A pacer does not keep its thread alive.
  const keepAlive = setInterval(() => {}, 1000);
  const lagsNs: number[] = [];
  for (let round = 0; round < 20; round++) {
    const dueNs = systemClock.nowNs() + (0.5 + round * 0.3) * MS;
    await new Promise<void>((resolve) => pacer.waitUntil(dueNs, resolve));
    lagsNs.push(systemClock.nowNs() - dueNs);
  }
  clearInterval(keepAlive);
  pacer.close();
  return lagsNs;
}

/** With a place the pacing thread rings, without one the kernel. */
export function alarmOf(place: PacingPlace | undefined): Alarm {
  return place === undefined ? new KernelAlarm(systemClock) : new BoardAlarm(place);
}

if (!isMainThread) {
  parentPort!.postMessage(await lagsOf(alarmOf(workerData as PacingPlace | undefined)));
}

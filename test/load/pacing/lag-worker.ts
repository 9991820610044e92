import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../../src/base/time/clock.ts';
import type { PacingPlace } from '../../../src/load/pacing/pacing-thread.ts';
import { ThreadPacer } from '../../../src/load/pacing/thread-pacer.ts';

const MS = 1e6;

/** Twenty waits of a few ms: by how much each was late, in ns. */
export async function lagsAt(place: PacingPlace): Promise<number[]> {
  const pacer = new ThreadPacer(systemClock, place);
  // A pacer does not keep its thread alive.
  const keepAlive = setInterval(() => {}, 1000);
  const lagsNs: number[] = [];
  for (let round = 0; round < 20; round++) {
    const dueNs = systemClock.nowNs() + (0.5 + round * 0.3) * MS;
    await new Promise<void>((resolve) => pacer.waitUntil(dueNs, resolve));
    lagsNs.push(systemClock.nowNs() - dueNs);
  }
  clearInterval(keepAlive);
  return lagsNs;
}

if (!isMainThread) parentPort!.postMessage(await lagsAt(workerData as PacingPlace));

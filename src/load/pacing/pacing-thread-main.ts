import { readlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { workerData } from 'node:worker_threads';
import { NS_PER_SECOND, systemClock } from '../../base/time/clock.ts';
import { PacingBoard } from './pacing-board.ts';

/** The thread looks up at least this often, whatever happens. */
const LONGEST_SLEEP_NS = NS_PER_SECOND;

sleepExactly();

const board = new PacingBoard(workerData as SharedArrayBuffer);
while (!board.closed) {
  const bell = board.bell;
  const nowNs = systemClock.nowNs();
  const leftNs = board.wakeDue(nowNs);
  if (leftNs > 0) board.sleep(bell, nowNs, Math.min(leftNs, LONGEST_SLEEP_NS));
}

/**
 * Linux lets a thread that sleeps sleep 50 µs longer, to wake several at once, unless the thread
 * says otherwise. Elsewhere, and where it may not be said, wake-ups are as late as they are.
 */
function sleepExactly(): void {
  try {
    const thread = basename(readlinkSync('/proc/thread-self'));
    writeFileSync(`/proc/${thread}/timerslack_ns`, '1');
  } catch {
    // No Linux, or no permission: see above.
  }
}

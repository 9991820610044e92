import { workerData } from 'node:worker_threads';
import { NS_PER_SECOND, systemClock } from '../../base/time/clock.ts';
import { PacingBoard } from './pacing-board.ts';

/** The thread looks up at least this often, whatever happens. */
const LONGEST_SLEEP_NS = NS_PER_SECOND;

const board = new PacingBoard(workerData as SharedArrayBuffer);
while (!board.closed) {
  const bell = board.bell;
  const nowNs = systemClock.nowNs();
  const leftNs = board.wakeDue(nowNs);
  if (leftNs > 0) board.sleep(bell, nowNs, Math.min(leftNs, LONGEST_SLEEP_NS));
}

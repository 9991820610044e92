import { POLICY, Schedule } from './schedule.ts';

/** The least that Linux grants. */
const SLICE_NS = 100_000;
const THIS_THREAD = 0;

/**
 * Asks the scheduler for short slices for this thread. It gets no more of a core than before, and gets
 * it sooner: Linux from 6.12 on lets a thread that wakes interrupt one of longer slices, which would
 * else run on for up to 4 ms. Older ones take no notice. False where it may not be said, or where
 * somebody has chosen how this thread is scheduled.
 */
export function askForShortSlices(): boolean {
  const found = Schedule.of(THIS_THREAD);
  if (found?.policy !== POLICY.other) return false;
  return found.with({ slice: SLICE_NS }).applyTo(THIS_THREAD);
}

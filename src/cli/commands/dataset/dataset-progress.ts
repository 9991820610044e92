import { NS_PER_SECOND, systemClock } from '../../../base/time/clock.ts';
import type { CommandIo } from '../../command-io.ts';

const TOLD_EVERY_NS = 2 * NS_PER_SECOND;

/** Says on standard error, every two seconds, how much of something is done. */
export function datasetProgress(
  what: string,
  { quiet }: { readonly quiet: boolean },
  io: CommandIo,
): (done: number, all: number) => void {
  let toldNs = systemClock.nowNs();
  return (done, all) => {
    const nowNs = systemClock.nowNs();
    if (quiet || nowNs - toldNs < TOLD_EVERY_NS) return;
    toldNs = nowNs;
    const share = Math.floor((100 * done) / all);
    io.writeError(`${what}: ${share}% of ${all.toLocaleString('en-US')} rows …\n`);
  };
}

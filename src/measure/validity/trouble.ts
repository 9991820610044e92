import { durationText, percentText } from './figures.ts';
import { BUSY_SHARE, STEAL_SHARE } from './limits.ts';
import { stealShareOf } from '../monitors/sum-samples.ts';
import { isBad, lateShare, type SecondEvidence } from './second-evidence.ts';
import { isStarved, workerShares, type WorkerShares } from './worker-shares.ts';

/** One line on a second in which the generator was in its own way, for whoever watches. */
export function troubleOf(second: SecondEvidence): string | undefined {
  const signs = [late(second), ...workers(second), stolen(second)].filter((sign) => sign !== '');
  return signs.length === 0 ? undefined : `the generator is the bottleneck: ${signs.join('; ')}`;
}

function late(second: SecondEvidence): string {
  if (second.arrivals === 0 || !isBad(second)) return '';
  const limit = durationText(second.limitNs);
  return `${percentText(lateShare(second))} of requests left more than ${limit} late`;
}

function workers({ monitors }: SecondEvidence): string[] {
  return monitors === undefined ? [] : workerShares([monitors]).map(workerSign);
}

function workerSign(shares: WorkerShares): string {
  const { worker, busy, running } = shares;
  if (isStarved(shares)) {
    return `worker ${worker} wanted ${percentText(busy)} of a core and had ${percentText(running)}`;
  }
  if (busy <= BUSY_SHARE) return '';
  return `worker ${worker} spent ${percentText(busy)} of its time in callbacks`;
}

function stolen({ monitors }: SecondEvidence): string {
  const share = stealShareOf(monitors?.processors) ?? 0;
  return share > STEAL_SHARE ? `the hypervisor took ${percentText(share)} of the CPU` : '';
}

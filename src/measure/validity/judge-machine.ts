import { openConnections, stealShareOf, sumSamples } from '../monitors/sum-samples.ts';
import { durationText, percentText } from './figures.ts';
import type { VerdictInputs } from './judge-validity.ts';
import { BUSY_SHARE, CONNECTIONS_SHARE, GC_SHARE, STEAL_SHARE } from './limits.ts';
import { samplesOf } from './second-evidence.ts';
import type { VerdictReason } from './verdict.ts';
import { isStarved, workerShares, type WorkerShares } from './worker-shares.ts';

/** What the workers and the machine say, apart from when requests were sent. */
export function judgeMachine(inputs: VerdictInputs): VerdictReason[] {
  const shares = workerShares(samplesOf(inputs.seconds));
  return [
    ...shares.flatMap((share) => [...busy(inputs, share), ...starved(share), ...collecting(share)]),
    ...stolen(inputs),
    ...connections(inputs),
    ...refused(inputs),
  ];
}

function busy({ isOpen, workers, cores }: VerdictInputs, share: WorkerShares): VerdictReason[] {
  if (share.busy <= BUSY_SHARE || isStarved(share)) return [];
  const more = workers < cores - 1 ? 'add workers' : 'use a machine with more cores, or several';
  const figure = `worker ${share.worker} spent ${percentText(share.busy)} of its time in callbacks`;
  const what = isOpen
    ? 'a worker had no time to spare'
    : 'loadgen was at its limit: throughput is a lower bound, latencies hold its own delays';
  return [
    {
      state: 'SUSPECT',
      what,
      figure: `${figure} (limit ${percentText(BUSY_SHARE)})`,
      remedy: more,
    },
  ];
}

function starved(share: WorkerShares): VerdictReason[] {
  if (!isStarved(share)) return [];
  const { worker, busy: had, running, spinning } = share;
  return [
    {
      state: 'SUSPECT',
      what: 'a worker was kept from its core',
      figure:
        `worker ${worker} had work for ${percentText(Math.min(1, had + spinning))} of the time ` +
        `and ran for ${percentText(running)}`,
      remedy: 'end what else takes CPU on this machine, or give loadgen cores of its own',
    },
  ];
}

/** A pause lasts longer where the thread is kept from its core: then that is the reason. */
function collecting(shares: WorkerShares): VerdictReason[] {
  const { worker, collecting: share, longestPauseNs } = shares;
  if (share <= GC_SHARE || isStarved(shares)) return [];
  return [
    {
      state: 'SUSPECT',
      what: 'garbage collection took much of a worker’s time',
      figure:
        `worker ${worker}: ${percentText(share)} (limit ${percentText(GC_SHARE)}), ` +
        `the longest pause ${durationText(longestPauseNs)}`,
      remedy: 'add workers, or read less of the answers in expectations',
    },
  ];
}

function stolen({ seconds }: VerdictInputs): VerdictReason[] {
  const share = stealShareOf(sumSamples(samplesOf(seconds)).processors);
  if (share === undefined || share <= STEAL_SHARE) return [];
  return [
    {
      state: 'SUSPECT',
      what: 'the hypervisor took CPU time away',
      figure: `${percentText(share)} of it (limit ${percentText(STEAL_SHARE)})`,
      remedy: 'use a machine with cores of its own',
    },
  ];
}

function connections({ seconds, connectionsAsked }: VerdictInputs): VerdictReason[] {
  if (connectionsAsked === undefined) return [];
  const open = samplesOf(seconds)
    .filter(({ workers }) => workers.length > 0)
    .map(openConnections)
    .toSorted((a, b) => a - b);
  const median = open[Math.floor(open.length / 2)];
  if (median === undefined || median >= connectionsAsked * CONNECTIONS_SHARE) return [];
  return [
    {
      state: 'SUSPECT',
      what: 'fewer connections were open than the scenario asks for',
      figure: `${median} of ${connectionsAsked} in the median second`,
      remedy: 'look at the errors above: the concurrency is not the one that was asked for',
    },
  ];
}

function refused({ refusedHere, attempted }: VerdictInputs): VerdictReason[] {
  if (refusedHere === 0) return [];
  return [
    {
      state: refusedHere > attempted * 0.01 ? 'INVALID' : 'SUSPECT',
      what: 'this machine refused connections to loadgen',
      figure: `${refusedHere} times, for want of files, ports or memory`,
      remedy: 'raise `ulimit -n` and the range of local ports, or open fewer connections',
    },
  ];
}

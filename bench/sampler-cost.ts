/**
 * `node bench/sampler-cost.ts`: what the samplers behind the verdict cost, a call, and how much of
 * a core that is at the rate at which a run calls them. The median of slices, since others may want
 * the core too.
 */
import { TurnWatch } from '../src/base/time/turn-watch.ts';
import { ThreadMonitor } from '../src/measure/monitors/thread-monitor.ts';
import { TrialMonitor } from '../src/measure/monitors/trial-monitor.ts';
import { VitalsBoard } from '../src/measure/monitors/worker-vitals.ts';
import { median } from './statistics.ts';

const SLICES = 51;
const WORKERS = 8;
/** Of a worker that answers so many requests a second, each in a turn of its own. */
const TURNS_PER_SECOND = 50_000;

function costNs(calls: number, call: (at: number) => void): number {
  const slices: number[] = [];
  for (let slice = 0; slice < SLICES; slice++) {
    const fromMs = performance.now();
    for (let at = 0; at < calls; at++) call(slice * calls + at);
    slices.push(((performance.now() - fromMs) * 1e6) / calls);
  }
  return median(slices);
}

function tell(name: string, ns: number, perSecond: number): void {
  const share = ((ns * perSecond) / 1e9) * 100;
  console.log(
    `${name.padEnd(46)} ${(ns / 1e3).toFixed(2).padStart(8)} µs × ${perSecond}/s = ` +
      `${share.toFixed(3)}% of a core`,
  );
}

const boards = Array.from({ length: WORKERS }, () => VitalsBoard.allocate());
const thread = new ThreadMonitor(boards[0]!, { spinNs: () => 0, openConnections: () => 0 });
const trial = new TrialMonitor(boards);
const watch = new TurnWatch();

tell(
  'worker: a sample of its thread',
  costNs(2_000, (at) => thread.sample(at * 1e7)),
  100,
);
tell(
  `runner: a look at ${WORKERS} workers and the machine`,
  costNs(200, () => trial.take()),
  1,
);
const turnNs = costNs(20_000, (at) => {
  watch.inPoll(at);
  watch.afterPoll(at);
});
tell('worker: two readings of its loop for each turn', turnNs, TURNS_PER_SECOND);
thread.close();

/**
 * How late arrivals are taken up, and what waiting for them costs: Poisson arrivals at several
 * rates, against a bare loop that does nothing but read the clock on the same machine (the noise
 * floor) and against timers alone. docs/decisions/0002-pacing.md has figures.
 *
 *   node --min-semi-space-size=16 bench/pacing.ts [seconds per measurement] [rounds]
 */
import { randomStream } from '../src/base/random/counter-random.ts';
import { NS_PER_SECOND, systemClock, type Cancel } from '../src/base/time/clock.ts';
import type { Alarm } from '../src/load/pacing/alarm.ts';
import { AlarmPacer } from '../src/load/pacing/alarm-pacer.ts';
import { BoardAlarm } from '../src/load/pacing/board-alarm.ts';
import { KernelAlarm } from '../src/load/pacing/kernel-alarm.ts';
import { PACINGS, type Pacer } from '../src/load/pacing/pacer.ts';
import { PacingThread } from '../src/load/pacing/pacing-thread.ts';
import { Plan, type PlanCursor } from '../src/load/pacing/plan.ts';
import { RateCurve } from '../src/load/pacing/rate-curve.ts';

const RATES_PER_SECOND = [100, 1000, 5000, 20_000];
const START_AHEAD_NS = 0.05 * NS_PER_SECOND;

interface Figures {
  readonly lagsNs: number[];
  readonly cpuShare: number;
}

type Measurement = (cursor: PlanCursor, startNs: number, lagsNs: number[]) => Promise<void>;

/** Waits in `setTimeout` alone: the reference. */
class TimerPacer implements Pacer {
  #cancel: Cancel | undefined;

  waitUntil(dueNs: number, wake: () => void): void {
    const leftNs = dueNs - systemClock.nowNs();
    const again = (): void => this.waitUntil(dueNs, wake);
    this.#cancel = systemClock.after(Math.max(0, leftNs / 1e6), leftNs <= 0 ? wake : again);
  }

  cancel(): void {
    this.#cancel?.();
  }
}

/** Takes up everything that is due; true when that was all of the plan. */
function takeUp(cursor: PlanCursor, startNs: number, lagsNs: number[]): boolean {
  for (;;) {
    const lagNs = systemClock.nowNs() - startNs - cursor.offsetNs;
    if (lagNs < 0) return cursor.offsetNs === Infinity;
    lagsNs.push(lagNs);
    cursor.advance();
  }
}

function pacedBy(pacer: Pacer): Measurement {
  return (cursor, startNs, lagsNs) =>
    new Promise((resolve) => {
      const wake = (): void => {
        if (takeUp(cursor, startNs, lagsNs)) resolve();
        else pacer.waitUntil(startNs + cursor.offsetNs, wake);
      };
      pacer.waitUntil(startNs + cursor.offsetNs, wake);
    });
}

const spinning: Measurement = (cursor, startNs, lagsNs) => {
  while (!takeUp(cursor, startNs, lagsNs));
  return Promise.resolve();
};

async function measure(run: Measurement, rate: number, seconds: number): Promise<Figures> {
  const curve = RateCurve.constant(rate, seconds * NS_PER_SECOND);
  const plan = new Plan({ curve, arrival: 'poisson', stream: randomStream(7, 'bench/pacing') });
  const lagsNs: number[] = [];
  const keepAlive = setInterval(() => {}, 10);
  const before = process.cpuUsage();
  await run(plan.cursor(), systemClock.nowNs() + START_AHEAD_NS, lagsNs);
  const { user, system } = process.cpuUsage(before);
  clearInterval(keepAlive);
  return { lagsNs, cpuShare: (user + system) / 1e6 / seconds };
}

function print(name: string, rate: number, { lagsNs, cpuShare }: Figures): void {
  lagsNs.sort((one, other) => one - other);
  const microseconds = [0.5, 0.9, 0.99, 0.999, 1].map((share) =>
    (lagsNs[Math.ceil(share * lagsNs.length) - 1]! / 1000).toFixed(1).padStart(9),
  );
  const cpu = `${(cpuShare * 100).toFixed(0)}%`.padStart(6);
  console.log(`${name.padEnd(19)}${String(rate).padStart(6)}${microseconds.join('')}${cpu}`);
}

const [seconds, rounds] = [Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 3)];
const thread = new PacingThread(1);
const ALARMS: Readonly<Record<string, () => Alarm>> = {
  kernel: () => new KernelAlarm(systemClock),
  thread: () => new BoardAlarm({ memory: thread.memory, place: 0 }),
};
const ways: Record<string, Measurement> = {
  'bare loop': spinning,
  ...Object.fromEntries(
    Object.entries(ALARMS).flatMap(([alarm, create]) =>
      PACINGS.map((pacing) => [
        `${pacing}, ${alarm}`,
        pacedBy(new AlarmPacer(systemClock, create(), { pacing })),
      ]),
    ),
  ),
  'timers alone': pacedBy(new TimerPacer()),
};
console.log('lag in µs               /s      p50      p90      p99    p99.9      max   CPU');
for (let round = 0; round < rounds; round++) {
  for (const rate of RATES_PER_SECOND) {
    for (const [name, run] of Object.entries(ways)) {
      print(name, rate, await measure(run, rate, seconds));
    }
  }
}
await thread.close();

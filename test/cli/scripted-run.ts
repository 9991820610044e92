import type { LiveView } from '../../src/cli/live-view.ts';
import type { ResolvedTrial } from '../../src/scenario/resolved.ts';
import { latencies, planOf } from '../reports/sample-results.ts';
import { RecordedTrial } from '../results/recorded-trial.ts';
import type { FakeClock } from '../support/fake-clock.ts';

const TICKS_PER_SECOND = 20;

/**
 * Tells a view what a runner would tell it of one trial: ticks twenty times a second and a row
 * each second. `eachTick` runs after every tick, with the clock moved on.
 */
export async function playTrial(options: {
  readonly view: LiveView;
  readonly clock: FakeClock;
  readonly trial: ResolvedTrial;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly trialCount?: number;
  readonly eachTick?: () => Promise<void>;
}): Promise<void> {
  const { view, clock, trial, warmupSeconds, seconds } = options;
  const startNs = clock.nowNs();
  const recorded = new RecordedTrial(planOf(['embed']), {
    warmup: startNs,
    measure: startNs + warmupSeconds * 1e9,
  });
  const latency = latencies('live', 2e6);
  view.trialStarted(trial, {
    trialCount: options.trialCount ?? 1,
    workers: 1,
    folder: 'results/embed/trial-001',
  });
  let started = 0;
  const play = async (phase: 'warmup' | 'measure', length: number): Promise<void> => {
    if (length === 0) return;
    view.phaseStarted(phase, length * 1e9);
    started = 0;
    for (let second = 0; second < length; second++) {
      for (let tick = 1; tick <= TICKS_PER_SECOND; tick++) {
        await clock.advanceBy(1e9 / TICKS_PER_SECOND);
        started += 25;
        const elapsedNs = second * 1e9 + (tick * 1e9) / TICKS_PER_SECOND;
        view.tick({ phase, elapsedNs, started, wanted: undefined, inFlight: 12 });
        await options.eachTick?.();
      }
      const row = recorded.second(phase, (record) => {
        const count = 480 - 30 * (second % 4);
        for (let i = 0; i < count; i++) {
          const serviceNs = latency();
          record.iteration({ responseNs: serviceNs + 40_000, serviceNs });
        }
        if (second % 3 === 2) {
          record.iteration({ outcome: 'timeout', responseNs: 2e9 });
          record.unsent(0, 'no_slot', 4);
        }
        record.open(0, 0);
      });
      view.interval(row, recorded.total);
    }
  };
  await play('warmup', warmupSeconds);
  await play('measure', seconds);
  view.phaseStarted('drain', 30e9);
  view.tick({ phase: 'drain', elapsedNs: 1e8, started, wanted: undefined, inFlight: 1 });
  view.trialEnded();
}

import type { OutputSecond } from '../../src/outputs/output.ts';
import { latencies, planOf } from '../reports/sample-results.ts';
import { RecordedTrial } from '../results/recorded-trial.ts';

export const ENDED_AT_MS = Date.UTC(2026, 10, 22, 10, 34, 27);

/** Two measured seconds of two steps, the second with failures; as outputs are handed them. */
export function sampleSeconds(): OutputSecond[] {
  const recorded = new RecordedTrial(planOf(['embed', 'search "1"']), {
    warmup: 1e9,
    measure: 2e9,
  });
  const embed = latencies('embed', 30e6);
  const trial = { scenario: 'two\\steps', trial: 1, labels: { 'load.vus': '4' }, version: '1.2.3' };
  return [0, 7].map((failing, at) => {
    const interval = recorded.second('measure', (second) => {
      for (let i = 0; i < 200; i++) {
        second.journey(0, [
          { lane: 0, responseNs: embed() },
          { lane: 1, responseNs: 2e6, outcome: i < failing ? 'timeout' : 'ok' },
        ]);
      }
    });
    const endedAtMs = ENDED_AT_MS + at * 1_000;
    const trialStartedAtMs = ENDED_AT_MS - 1_000;
    return { trial, interval, total: recorded.total, endedAtMs, trialStartedAtMs };
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import {
  ThresholdWatch,
  type Abort,
  type WatchedRow,
} from '../../../src/measure/thresholds/threshold-watch.ts';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';
import { RecordedTrial } from '../../results/recorded-trial.ts';
import { MS, onePlan, SECOND } from '../metrics/recorded-world.ts';

/** What happened in one second: answers of one latency, and failures. */
interface Second {
  readonly ok: number;
  readonly failed: number;
  readonly latencyMs?: number;
}

/** Rows of one second each, or joined as `joins` says: [2, 1] makes rows of two and of one. */
function rowsOf(seconds: readonly Second[], joins: readonly number[] = []) {
  const recorded = new RecordedTrial(onePlan, { warmup: 0, measure: 0 });
  const single = seconds.map(({ ok, failed, latencyMs = 1 }) =>
    recorded.second('measure', (second) => {
      for (let i = 0; i < ok; i++) second.iteration({ responseNs: latencyMs * MS });
      for (let i = 0; i < failed; i++) second.iteration({ outcome: 'timeout', responseNs: SECOND });
    }),
  );
  const rows: WatchedRow[] = [];
  const left = [...single];
  for (let at = 0; left.length > 0; at++) {
    const joined = left.splice(0, joins[at] ?? 1);
    rows.push({
      phase: 'measure',
      second: joined[0]!.second,
      seconds: joined.length,
      durationNs: joined.length * SECOND,
      metrics: MetricStore.sumOf(joined.map(({ metrics }) => metrics)),
    });
  }
  return { rows, total: recorded.total };
}

function watch(threshold: unknown, seconds: readonly Second[], joins: readonly number[] = []) {
  const { rows, total } = rowsOf(seconds, joins);
  const spec = thresholdSchema.parse(threshold);
  const watched = new ThresholdWatch([spec]);
  const aborts = rows.map((row, index) => {
    const until = MetricStore.sumOf(rows.slice(0, index + 1).map(({ metrics }) => metrics));
    return watched.add(row, until);
  });
  const abort = aborts.find((one): one is Abort => one !== undefined);
  return { result: watched.results(total)[0]!, abort };
}

const calm: Second = { ok: 100, failed: 0 };

test('the worst window is the one that a search through all of them finds', () => {
  const second = fc.record({ ok: fc.nat(40), failed: fc.nat(10) });
  fc.assert(
    fc.property(
      fc.array(second, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      (seconds, length) => {
        const threshold = { threshold: 'operations{outcome:failed} count < 12' };
        const { result } = watch({ ...threshold, window: `${length}s` }, seconds);
        const sums = seconds
          .slice(0, Math.max(0, seconds.length - length + 1))
          .map((_, from) =>
            seconds.slice(from, from + length).reduce((sum, { failed }) => sum + failed, 0),
          );
        assert.equal(result.window!.judged, sums.length);
        assert.equal(result.window!.notPassed, sums.filter((sum) => sum >= 12).length);
        if (sums.length === 0) return assert.equal(result.status, 'undecided');
        const worst = Math.max(...sums);
        assert.equal(result.observed!.value, worst);
        assert.equal(result.status, worst < 12 ? 'passed' : 'failed');
        const { fromSecond, toSecond } = result.window!.worst!;
        assert.deepEqual([sums.indexOf(worst), length], [fromSecond, toSecond - fromSecond]);
      },
    ),
    { numRuns: 60, seed: 4 },
  );
});

test('a short burst fails a window that the whole run passes', () => {
  const seconds = Array.from({ length: 60 }, (_, at) =>
    at === 30 ? { ok: 50, failed: 50 } : calm,
  );
  assert.equal(watch('error_rate < 5%', seconds).result.status, 'passed');
  const { result } = watch({ threshold: 'error_rate < 5%', window: '5s' }, seconds);
  assert.equal(result.status, 'failed');
  assert.equal(result.observed!.value, 0.1);
  assert.deepEqual(result.window, {
    seconds: 5,
    judged: 56,
    notPassed: 5,
    worst: { fromSecond: 26, toSecond: 31 },
  });
});

test('a percentile in windows is that of the samples of the window, not a mean of seconds', () => {
  const seconds = Array.from({ length: 20 }, (_, at) => ({
    ok: at === 10 ? 80 : 400,
    failed: 0,
    latencyMs: at === 10 ? 500 : 10,
  }));
  const judged = (percent: number) =>
    watch({ threshold: `response_time p(${percent}) < 100ms`, window: '4s' }, seconds).result;
  // 80 of 1,280 samples are slow: 6.25%.
  assert.equal(judged(93).status, 'passed');
  assert.equal(judged(95).status, 'failed');
  assert.ok(Math.abs(judged(95).observed!.value / (500 * MS) - 1) < 0.001);
});

test('throughput in a window is per second of the window', () => {
  const seconds = Array.from({ length: 12 }, (_, at) => ({ ok: at < 6 ? 100 : 40, failed: 0 }));
  const threshold = { threshold: 'operations{outcome:ok} rate >= 50/s', window: '3s' };
  const { result } = watch(threshold, seconds);
  assert.equal(result.status, 'failed');
  assert.equal(result.observed!.value, 40);
});

test('a window in which there were too few samples leaves the threshold undecided', () => {
  const seconds = [calm, calm, { ok: 3, failed: 0 }, calm];
  const threshold = { threshold: 'error_rate < 5%', window: '1s', minSamples: 50 };
  const { result } = watch(threshold, seconds);
  assert.equal(result.status, 'undecided');
  assert.match(result.reason!, /needs 50 samples, has 3/);
  assert.deepEqual(result.window!.worst, { fromSecond: 2, toSecond: 3 });
});

test('a failed window counts more than an undecided one', () => {
  const seconds = [{ ok: 0, failed: 100 }, { ok: 3, failed: 0 }, calm];
  const { result } = watch({ threshold: 'error_rate < 5%', window: '1s', minSamples: 50 }, seconds);
  assert.equal(result.status, 'failed');
});

test('a run without one full window is undecided', () => {
  const { result } = watch({ threshold: 'error_rate < 5%', window: '5s' }, [calm, calm]);
  assert.equal(result.status, 'undecided');
  assert.equal(result.reason, 'no full window of 5 s');
});

test('rows that cover several seconds make windows longer and never shorter', () => {
  const seconds = Array.from({ length: 9 }, (_, at) => ({ ok: 100, failed: at }));
  const threshold = { threshold: 'operations{outcome:failed} count < 1', window: '3s' };
  const { result } = watch(threshold, seconds, [1, 2, 2, 1, 1, 1, 1]);
  // Rows end at 1, 3, 5, 6, 7, 8, 9: windows 0–3, 1–5, 3–6, 3–7, 5–8, 6–9.
  assert.equal(result.window!.judged, 6);
  assert.deepEqual(result.window!.worst, { fromSecond: 6, toSecond: 9 });
  assert.equal(result.observed!.value, 6 + 7 + 8);
});

test('a second that the end of the run cuts is in no window', () => {
  const { rows, total } = rowsOf([calm, calm, { ok: 0, failed: 100 }]);
  const watched = new ThresholdWatch([
    thresholdSchema.parse({ threshold: 'error_rate < 5%', window: '2s' }),
  ]);
  for (const row of rows.slice(0, 2)) watched.add(row, total);
  watched.add({ ...rows[2]!, durationNs: 0.4 * SECOND }, total);
  assert.equal(watched.results(total)[0]!.status, 'passed');
});

test('abortOnFail ends the load at the first second at which the threshold fails', () => {
  const seconds = [calm, calm, { ok: 0, failed: 100 }, calm];
  const { abort } = watch({ threshold: 'error_rate < 30%', abortOnFail: true }, seconds);
  assert.equal(abort!.atSecond, 3);
  assert.equal(abort!.result.text, 'error_rate < 30%');
});

test('nothing is aborted before delayAbortEval is over', () => {
  const seconds = [{ ok: 0, failed: 100 }, calm, { ok: 0, failed: 100 }, calm, calm];
  const aborting = { threshold: 'error_rate < 45%', abortOnFail: true };
  assert.equal(watch(aborting, seconds).abort!.atSecond, 1);
  assert.equal(watch({ ...aborting, delayAbortEval: '2s' }, seconds).abort!.atSecond, 2);
  assert.equal(watch({ ...aborting, delayAbortEval: '2001ms' }, seconds).abort!.atSecond, 3);
  assert.equal(watch({ ...aborting, delayAbortEval: '4001ms' }, seconds).abort, undefined);
});

test('what is undecided aborts nothing', () => {
  const seconds = [
    { ok: 0, failed: 10 },
    { ok: 0, failed: 10 },
    { ok: 0, failed: 10 },
  ];
  const threshold = { threshold: 'error_rate < 5%', abortOnFail: true, minSamples: 30 };
  assert.equal(watch(threshold, seconds).abort!.atSecond, 3);
});

test('a window aborts where its whole run would not', () => {
  const seconds = Array.from({ length: 40 }, (_, at) => (at < 30 ? calm : { ok: 90, failed: 10 }));
  const threshold = { threshold: 'error_rate < 5%', abortOnFail: true };
  assert.equal(watch(threshold, seconds).abort, undefined);
  // 30 of 500 operations in the seconds 28 to 33 fail; one second before, 20 of 500.
  assert.equal(watch({ ...threshold, window: '5s' }, seconds).abort!.atSecond, 33);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBaseline } from '../../../src/results/baseline/compare-baseline.ts';
import type { BaselineComparison } from '../../../src/results/schema/baseline.ts';
import type { Result } from '../../../src/results/schema/result.ts';
import { latencies, planOf, resultOf } from '../../reports/sample-results.ts';
import { RecordedTrial } from '../recorded-trial.ts';
import { closedTrial } from '../trials.ts';

test('twice the latency has regressed, and the same has held', () => {
  const before = repetitions(3, 10e6);
  assert.equal(compared(repetitions(3, 10e6), before).status, 'held');
  const slow = compared(repetitions(3, 20e6), before);
  assert.equal(slow.status, 'regressed');
  const [, median] = slow.points[0]!.figures;
  assert.equal(median!.status, 'regressed');
  assert.ok(Math.abs(median!.ratio! - 2) < 0.2, String(median!.ratio));
  assert.ok(median!.low! > 1.1 && median!.low! < 2 && median!.high! > 2);
});

test('half the latency is no regression, and less throughput is', () => {
  const before = repetitions(3, 10e6);
  assert.equal(compared(repetitions(3, 5e6), before).status, 'held');
  const { points } = compared(withThroughput(repetitions(3, 10e6), 0.8), before);
  assert.equal(points[0]!.figures[0]!.status, 'regressed');
  const faster = compared(withThroughput(repetitions(3, 10e6), 1.4), before);
  assert.equal(faster.points[0]!.figures[0]!.status, 'held');
});

test('a difference that repetitions scatter around is not decided, and says so', () => {
  const scattered = [9e6, 11e6, 14e6].flatMap((typicalNs, at) => repetition(typicalNs, at + 1));
  const { points } = compared(scattered, repetitions(3, 10e6));
  const median = points[0]!.figures[1]!;
  assert.equal(median.status, 'undecided');
  assert.equal(median.reason, 'not decided with this many samples');
  assert.ok(median.low! < 1.1 && median.high! > 1.1);
});

test('one short run decides nothing, and that fails', () => {
  const one = compared(repetitions(1, 10e6), repetitions(1, 10e6));
  assert.equal(one.status, 'undecided');
  assert.match(one.points[0]!.figures[0]!.reason!, /repetitions .* or 20 s of one run/);
});

test('a percentile below its sample floor is not compared', () => {
  const { points } = compared(repetitions(3, 10e6, 300), repetitions(3, 10e6, 300));
  const [, , p90, , p99] = points[0]!.figures;
  assert.equal(p90!.status === 'undecided' && p90!.reason?.includes('needs'), false);
  assert.match(p99!.reason!, /p99 needs 662/);
});

test('repetitions that did not come to their end are left out', () => {
  const broken = repetitions(3, 10e6).map((one) => ({ ...one, state: 'incomplete' as const }));
  const { points, status } = compared(broken, repetitions(3, 10e6));
  assert.equal(status, 'undecided');
  assert.equal(points[0]!.figures[0]!.reason, 'no trial of it is complete');
});

test('the intervals of a long run are used where it was not repeated', () => {
  const long = (p50: number): Result[] =>
    repetition(p50, 1).map((result) => ({
      ...result,
      statistics: {
        seconds: 60,
        method: 'moving-block bootstrap over 60 s',
        intervals: [
          { metric: 'response_time', percent: 50, low: p50 * 0.9, high: p50 * 1.1, blockSeconds: 1 },
        ],
        trend: null,
        backlog: null,
      },
    }));
  const { points, status } = compared(long(20e6), long(10e6));
  assert.equal(status, 'regressed');
  assert.equal(points[0]!.figures[1]!.status, 'regressed');
  assert.equal(points[0]!.figures[4]!.status, 'undecided');
});

test('each point is held against the same point, whatever the order', () => {
  const at = (level: string, typicalNs: number): Result[] =>
    repetitions(2, typicalNs).map((result) => ({ ...result, axes: { level, n: 1 } }));
  const low = at('low', 10e6);
  const high = at('high', 40e6).map((one) => ({ ...one, axes: { n: 1, level: 'high' } }));
  const { points } = compared([...low, ...high], [...at('high', 40e6), ...at('low', 10e6)]);
  for (const { figures, baselineRuns } of points) {
    assert.equal(baselineRuns, 2);
    assert.ok(Math.abs(figures[1]!.ratio! - 1) < 0.3);
  }
});

function compared(current: Result[], baseline: Result[]): BaselineComparison {
  return compareBaseline({ current, baseline, baselineFolder: 'before', maxRegression: 0.1 });
}

function repetitions(count: number, typicalNs: number, samples = 900): Result[] {
  return Array.from({ length: count }, (_, at) => repetition(typicalNs, at + 1, samples)).flat();
}

function repetition(typicalNs: number, number: number, samples = 900): Result[] {
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 1e9, measure: 2e9 });
  const latency = latencies(`repetition/${number}`, typicalNs / 1.5);
  recorded.second('measure', (second) => {
    for (let i = 0; i < samples; i++) second.iteration({ responseNs: latency() });
  });
  return [{ ...resultOf(closedTrial(), recorded, {}), repetition: number }];
}

function withThroughput(results: Result[], factor: number): Result[] {
  return results.map((result) => {
    const { throughput } = result;
    const operationsPerSecond = throughput.operationsPerSecond * factor;
    return { ...result, throughput: { ...throughput, operationsPerSecond } };
  });
}

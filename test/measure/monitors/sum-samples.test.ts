import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  othersShareOf,
  stealShareOf,
  sumSamples,
} from '../../../src/measure/monitors/sum-samples.ts';
import type { MonitorSample, WorkerSample } from '../../../src/measure/monitors/trial-monitor.ts';

function worker(number: number, change: Partial<WorkerSample> = {}): WorkerSample {
  return {
    worker: number,
    durationNs: 1e9,
    busyNs: 1e8,
    spinNs: 0,
    cpuNs: 1e8,
    gcCount: 1,
    gcNs: 1e6,
    gcLongestNs: 1e6,
    openConnections: 4,
    ...change,
  };
}

function sample(
  workers: readonly WorkerSample[],
  change: Partial<MonitorSample> = {},
): MonitorSample {
  return {
    workers,
    runnerBusyShare: 0,
    processCpuNs: 5e8,
    residentBytes: 100,
    processors: { total: 200, idle: 90, stolen: 0 },
    ...change,
  };
}

test('samples add up by worker, with the longest pause and the most connections', () => {
  const use = sumSamples([
    sample([worker(1), worker(0, { gcLongestNs: 3e6, openConnections: 6 })], {
      residentBytes: 300,
    }),
    sample([worker(0), worker(1)]),
  ]);
  assert.deepEqual(
    use.workers.map((one) => [one.worker, one.durationNs, one.gcCount, one.gcLongestNs]),
    [
      [0, 2e9, 2, 3e6],
      [1, 2e9, 2, 1e6],
    ],
  );
  assert.equal(use.openConnectionsPeak, 10);
  assert.equal(use.residentPeakBytes, 300);
  assert.equal(use.processCpuNs, 1e9);
});

test('steal is weighed by the time that passed, so that a short sample cannot stand for a second', () => {
  const use = sumSamples([
    sample([], { processors: { total: 199, idle: 0, stolen: 0 } }),
    sample([], { processors: { total: 1, idle: 0, stolen: 1 } }),
    sample([], { processors: undefined }),
  ]);
  assert.equal(stealShareOf(use.processors), 1 / 200);
  assert.equal(stealShareOf(sumSamples([]).processors), undefined);
});

test('what others had of the CPU is all that was neither idle, nor stolen, nor our own', () => {
  const processors = { total: 400, idle: 100, stolen: 20 };
  // 0.8 s of our own are 80 ticks, of 280 that ran.
  const use = sumSamples([sample([], { processors, processCpuNs: 8e8 })]);
  assert.equal(othersShareOf(use), 200 / 400);
  assert.equal(othersShareOf({ ...use, processors: undefined }), undefined);
  assert.equal(othersShareOf({ ...use, processCpuNs: 1e12 }), 0);
});

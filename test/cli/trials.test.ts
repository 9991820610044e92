import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { runScenario } from '../support/run-loadgen.ts';

const scenario = (url: string, rest: string): string => `
version: 1
targets: { server: { driver: http, url: "${url}" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: shared-iterations, vus: 1, iterations: 20 }
sweep: { load.vus: [1, 2] }
${rest}
`;

test('two points three times over are six trials, interleaved, with a line for each point', async () => {
  const server = await startReferenceServer({ port: 0 });
  const trials = 'trials: { repeat: 3, order: shuffle, pause: 50ms }';
  const run = await runScenario(scenario(server.url, trials));
  await server.close();
  assert.equal(run.code, 0, run.errors);
  const results = run.summary.trials.map(
    ({ folder }) =>
      JSON.parse(readFileSync(join(run.folder, folder, 'result.json'), 'utf8')) as Result,
  );
  assert.deepEqual(
    results.map(({ trial, repetition }) => [trial, repetition]),
    [1, 2, 3, 4, 5, 6].map((trial) => [trial, Math.ceil(trial / 2)]),
  );
  for (const at of [0, 2, 4]) {
    const vus = [results[at]!, results[at + 1]!].map(({ axes }) => Number(axes['load.vus']));
    assert.deepEqual(
      vus.toSorted((a, b) => a - b),
      [1, 2],
    );
  }
  assert.match(basename(run.summary.trials[3]!.folder), /^trial-004-repeat-2-vus-[12]$/);
  const { points } = run.summary as unknown as {
    points: { axes: object; trials: number[]; throughput: { low: number; method: string } }[];
  };
  assert.equal(points.length, 2);
  for (const { axes, trials: own, throughput } of points) {
    const measured = results.filter((one) => one.axes['load.vus'] === Object.values(axes)[0]);
    assert.deepEqual(
      own,
      measured.map(({ trial }) => trial),
    );
    const rates = measured.map((one) => one.throughput.operationsPerSecond);
    assert.equal(throughput.low, Math.min(...rates));
    assert.match(throughput.method, /over 3 repetitions/);
  }
  const text = readFileSync(join(run.folder, run.summary.folder, 'report.txt'), 'utf8');
  assert.match(text, /^scenario · 6 trials · 2 points$/m);
  assert.match(text, /^ {2}load\.vus=2 +3 /m);
  assert.ok(text.split('\n').length < 15, text);
});

test('stopOnFail runs no further trial after one that failed', async () => {
  const server = await startReferenceServer({ port: 0 });
  const rest = `trials: { repeat: 2, stopOnFail: true }
thresholds: ["operations{outcome:ok} count > 1000"]`;
  const run = await runScenario(scenario(server.url, rest));
  await server.close();
  assert.equal(run.code, 99, run.errors);
  assert.equal(run.summary.trials.length, 1);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { assertEnded, runScenario, startLoadgen } from '../support/run-loadgen.ts';

test('abortOnFail ends a run of a minute within seconds, with 99, and every report says so', async () => {
  const server = await startReferenceServer({ port: 0 });
  const run = await runScenario(`
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
steps: [{ name: get, request: { path: /status/404 } }]
load: { executor: constant-arrival-rate, rate: 200/s, duration: 1m }
thresholds:
  - { threshold: error_rate < 5%, window: 1s, minSamples: 50, abortOnFail: true }
  - { threshold: "response_time{outcome:failed} p(50) < 1m", window: 1s }
report: { formats: [text, junit] }
`);
  await server.close();
  assertEnded(run, 99);
  const result = run.result as unknown as Result;
  assert.equal(result.state, 'incomplete');
  assert.equal(result.exitCode, run.code);
  assert.equal(result.aborted!.threshold, 'error_rate < 5%');
  assert.equal(result.aborted!.atSecond, 1);
  assert.ok(result.durationSeconds < 10, `${result.durationSeconds} s`);
  // What the plan held until the stop, and no more: the rest of the minute was never due.
  const { due, started, unsent } = result.accounts.measure;
  assert.equal(due, started + (unsent['stopped'] ?? 0));
  assert.ok(Math.abs(due - 200 * result.durationSeconds) <= 2, `${due}`);
  assert.deepEqual(result.thresholds[0]!.window!.worst, { fromSecond: 0, toSecond: 1 });
  assert.equal(result.thresholds[1]!.status, 'passed');
  const report = (name: string): string =>
    readFileSync(join(run.folder, run.summary.folder, name), 'utf8');
  assert.match(report('report.txt'), /ABORTED after 1\.00 s: error_rate < 5% failed/);
  assert.match(report('report.xml'), /<failure message="[^"]*ABORTED after 1\.00 s: error_rate/);
  const saved = await startLoadgen(['report', join(run.folder, run.summary.folder)]).ended;
  assert.match(saved.output, /ABORTED after 1\.00 s/);
});

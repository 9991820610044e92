import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { assertEnded, runScenario } from '../support/run-loadgen.ts';

test('named stages are measured by themselves, and thresholds judge them', async () => {
  const server = await startReferenceServer({ port: 0 });
  const run = await runScenario(`
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
steps: [{ name: get, request: { path: / } }]
load:
  executor: ramping-arrival-rate
  startRate: 20/s
  stages:
    - { to: 20/s, duration: 2s, name: low }
    - { to: 100/s, duration: 0s }
    - { to: 100/s, duration: 3s, name: peak }
thresholds:
  - "due{stage:low} count < 200"
  - "due{stage:peak} count > 0"
  - "operations{stage:peak,outcome:ok} rate > 1000/s"
`);
  await server.close();
  assertEnded(run, 99);
  const result = run.result as unknown as Result;
  assert.deepEqual(
    result.stages!.map(({ name, fromNs, toNs }) => [name, fromNs / 1e9, toNs / 1e9]),
    [
      ['low', 0, 2],
      ['peak', 2, 5],
    ],
  );
  assert.deepEqual(
    result.thresholds.map(({ status }) => status),
    ['passed', 'passed', 'failed'],
  );
});

test('a threshold on a stage that no load has is a mistake', async () => {
  const { code, errors } = await runScenario(`
version: 1
targets: { server: { driver: http, url: "http://127.0.0.1:9" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: ramping-vus, stages: [{ to: 2, duration: 2s, name: peak }] }
thresholds: ["error_rate{stage:peek} == 0%", { threshold: "error_rate{stage:peak} == 0%", window: 5s }]
`);
  assert.equal(code, 104);
  assert.match(errors, /no load has a stage called "peek"[\s\S]*did you mean peak\?/);
  assert.match(errors, /window has no meaning here/);
});

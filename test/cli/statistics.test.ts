import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { assertEnded, runScenario } from '../support/run-loadgen.ts';

test('an overloaded server has a growing backlog in the summary, and no percentile of it', async () => {
  // 50/s at best, 70/s asked for: 20 more are left over every second.
  const server = await startReferenceServer({ port: 0, serviceTimeNs: 20e6, slots: 1 });
  const run = await runScenario(`
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: constant-arrival-rate, rate: 70/s, duration: 9s }
report: { formats: [text] }
`);
  await server.close();
  assertEnded(run, 0);
  const { backlog } = (run.result as unknown as Result).statistics!;
  assert.ok(backlog!.isGrowing);
  assert.ok(Math.abs(backlog!.perSecond - 20) < 3, `${backlog!.perSecond}/s`);
  const text = readFileSync(join(run.folder, run.summary.folder, 'report.txt'), 'utf8');
  assert.match(text, /Backlog still growing: \+[12]\d\.\d\/s/);
  assert.match(text, /response_time +growing +growing/);
});

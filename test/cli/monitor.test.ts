import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IntervalRow } from '../../src/results/schema/interval-row.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { runScenario, startLoadgen } from '../support/run-loadgen.ts';

const SCENARIO = `
version: 1
targets:
  embeddings:
    driver: http
    server: embedding-node
    monitor: { prometheus: /metrics, process: true }
steps:
  - { name: embed, request: { method: POST, path: /embed, json: { texts: [hello] } } }
load: { executor: constant-vus, vus: 2, duration: 3s, warmup: { duration: 1s } }
thresholds:
  - server_embedding_requests_total{code:*} count > 0
  - server_memory max > 1MB
  - server_embedding_model_load_seconds last >= 0
  - { threshold: server_no_such_metric last < 1, allowNoData: true }
`;

test('what a server shows of itself is told beside the load that it was under', async () => {
  const run = await runScenario(SCENARIO);
  assert.equal(run.code, 0, `${run.errors}${JSON.stringify(run.result.notes)}`);
  const result = run.result as unknown as Result;
  const [page, processes] = result.serverLooks!;
  assert.deepEqual([page!.kind, page!.failures], ['prometheus', 0]);
  assert.deepEqual([processes!.kind, processes!.failures], ['process', 0]);
  const requests = page!.totals.find(({ series }) => series.includes('requests_total'))!;
  // Looks come every second, so the load lasts for several. From before the warm-up to after the
  // last answer.
  const { warmup, measure } = result.accounts;
  const sent = warmup!.operations['ok']! + measure.operations['ok']!;
  assert.equal(requests.after - requests.before, sent);
  const folder = join(run.folder, run.summary.trials[0]!.folder);
  const rows = readFileSync(join(folder, 'intervals.ndjson'), 'utf8').trim().split('\n');
  const all = rows.map((row) => JSON.parse(row) as IntervalRow);
  assert.ok(
    all.some(({ gauges }) => Object.keys(gauges).some((name) => name.startsWith('server_'))),
  );
  const report = await startLoadgen(['report', folder], {}).ended;
  assert.match(report.output, /Server embeddings\n.*prometheus every 1\.00 s/);
  assert.match(report.output, /server_embedding_requests_total\{code:200\}\s+\+/);
});

test('a monitor that cannot be is told before anything starts', async () => {
  const withStats = SCENARIO.replace('prometheus: /metrics, process: true', 'stats: 1s');
  const { code, errors } = await runScenario(withStats);
  assert.equal(code, 104);
  assert.match(errors, /the http driver knows no statistics of its servers/);
});

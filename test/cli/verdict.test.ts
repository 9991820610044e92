import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { IntervalRow } from '../../src/results/schema/interval-row.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { runScenario, type ScenarioRun } from '../support/run-loadgen.ts';

async function run(
  load: string,
  more: { readonly rest?: string; readonly step?: string; readonly args?: string[] } = {},
): Promise<ScenarioRun & { readonly saved: Result }> {
  const { rest = '', step = '', args = [] } = more;
  const server = await startReferenceServer({ port: 0 });
  const ended = await runScenario(
    `
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
steps: [{ name: get, request: { path: / }${step} }]
load: ${load}
report: { formats: [text] }
${rest}
`,
    { args },
  );
  await server.close();
  return { ...ended, saved: ended.result as unknown as Result };
}

const CLOSED = '{ executor: shared-iterations, vus: 2, iterations: 50 }';

/** Three loops over 24 numbers in one another: milliseconds of work for each answer. */
const NUMBERS = `[${Array.from({ length: 24 }, (_, number) => number).join(', ')}]`;
const DEAR = `, expect: ["${NUMBERS}.all(a, ${NUMBERS}.all(b, ${NUMBERS}.all(c, a + b + c >= 0)))"]`;

test('a rate beyond the generator ends as INVALID, with 90, a reason and what to do', async () => {
  // One worker that would have to check for several seconds in each second, however slow the
  // server is.
  const load = `{ executor: constant-arrival-rate,
    rate: 2000/s, duration: 1s, maxInFlight: 100, whenLate: drop, gracefulStop: 3s }`;
  const { code, saved, summary, folder, errors } = await run(load, {
    step: DEAR,
    args: ['--workers', '1'],
  });
  assert.equal(code, 90, errors);
  assert.equal(saved.verdict.state, 'INVALID');
  const [finding] = saved.verdict.findings!;
  assert.match(finding!.what, /sent late, through loadgen’s fault/);
  assert.notEqual(finding!.remedy, '');
  const text = readFileSync(join(folder, summary.folder, 'report.txt'), 'utf8');
  assert.match(text, /verdict +INVALID\n +requests were sent late/);
  assert.match(text, /exit code +90: run invalid/);
});

test('a rule of the scenario’s own verdict that does not hold is told with its unit', async () => {
  const rule = 'threshold: response_time p(50) < 1us';
  const hard = await run(CLOSED, { rest: `verdict: [{ ${rule}, invalid: true }]` });
  assert.equal(hard.code, 90, hard.errors);
  assert.match(hard.saved.verdict.reasons[0]!, /p\(50\) < 1us \([\d.]+ (µs|ms|s)\)/);
  const soft = await run(CLOSED, { rest: `verdict: [{ ${rule} }]` });
  assert.equal(soft.code, 0, soft.errors);
  assert.equal(soft.saved.verdict.state, 'SUSPECT');
});

test('a closed run is never INVALID for being slow, and tells how its generator fared', async () => {
  const { code, saved, folder, summary } = await run(
    '{ executor: constant-vus, vus: 8, duration: 2s }',
  );
  assert.equal(code, 0);
  assert.ok(['VALID', 'SUSPECT'].includes(saved.verdict.state), saved.verdict.state);
  const [worker] = saved.generator!.workers;
  assert.ok(worker!.cpuShare > 0 && worker!.busyShare > 0 && worker!.busyShare <= 1);
  assert.ok(worker!.gcNs >= worker!.gcLongestNs && worker!.gcCount >= 0);
  assert.equal(saved.generator!.openConnectionsPeak, 8);
  assert.ok(saved.generator!.residentPeakBytes > 1e7);
  const rows = readFileSync(join(folder, summary.trials[0]!.folder, 'intervals.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as IntervalRow);
  assert.ok(rows.some(({ monitors }) => monitors?.workers[0]?.openConnections === 8));
});

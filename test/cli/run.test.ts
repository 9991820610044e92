import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import {
  assertEnded,
  runScenario,
  scenarioFolder,
  startLoadgen,
  temporaryFolder,
} from '../support/run-loadgen.ts';

const closed = (url: string, load: string, request = '{ path: / }', timeout = '5s'): string => `
version: 1
targets: { server: { driver: http, url: "${url}", timeout: ${timeout}, connectTimeout: 2s } }
steps: [{ name: get, request: ${request} }]
load: ${load}
`;

test('the main job against the built-in server completes every iteration', async () => {
  const { code, errors, result } = await runScenario(`
version: 1
targets: { embeddings: { driver: http, server: embedding-node } }
data: { texts: { generate: text, tokens: 8, rows: 50, pick: shuffle } }
steps:
  - name: embed
    request: { method: POST, path: /embed, json: { texts: ["{{ texts.text }}"] } }
    expect: ["status == 200", "json.embeddings[0].size() == 384"]
load: { executor: shared-iterations, vus: 8, iterations: 300, warmup: { iterations: 20 } }
thresholds: ["error_rate < 0.1%"]
`);
  assert.equal(code, 0, errors);
  assert.equal(result.state, 'complete');
  assert.equal(result.accounts.measure.due, 300);
  assert.equal(result.accounts.measure.operations['ok'], 300);
  assert.ok(result.accounts.warmup!.attempted >= 20);
});

test('requests that the server saw are the operations attempted, for 1, 2 and 3 workers', async () => {
  const hashes = new Set<string>();
  for (const workers of [1, 2, 3]) {
    const server = await startReferenceServer({ port: 0 });
    const scenario = closed(
      server.url,
      '{ executor: constant-arrival-rate, rate: 400/s, duration: 1s, arrival: poisson }',
    );
    const run = await runScenario(scenario, { args: [`--workers=${workers}`] });
    const { result } = run;
    const { requests } = server.counts();
    await server.close();
    assertEnded(run, 0);
    assert.equal(requests, result.accounts.measure.attempted);
    assert.equal(result.accounts.measure.due, result.accounts.measure.started);
    hashes.add(result.planHash);
  }
  assert.equal(hashes.size, 1, 'one seed, one plan');
});

const BEHAVIOURS = [
  { path: '/status/503', outcome: 'rejected', says: '503' },
  { path: '/status/404', outcome: 'status_error', says: '404' },
  { path: '/close-mid-body', outcome: 'connection_lost', says: '' },
  { path: '/close-before-answer', outcome: 'connection_lost', says: '' },
  { path: '/reset', outcome: 'connection_lost', says: 'ECONNRESET' },
  { path: '/garbage', outcome: 'protocol_error', says: '' },
  { path: '/garbage-after-headers', outcome: 'protocol_error', says: '' },
  { path: '/silence', outcome: 'timeout', says: '' },
] as const;

for (const { path, outcome, says } of BEHAVIOURS) {
  test(`a server that answers like ${path} makes outcomes ${outcome}, and the run completes`, async () => {
    const server = await startReferenceServer({ port: 0 });
    const load = '{ executor: shared-iterations, vus: 2, iterations: 6 }';
    const timeout = outcome === 'timeout' ? '300ms' : '10s';
    const { code, result, errors } = await runScenario(
      `${closed(server.url, load, `{ path: ${path} }`, timeout)}\nthresholds: ["error_rate < 1%"]`,
    );
    await server.close();
    assert.equal(code, 99, errors);
    assert.equal(result.accounts.measure.operations[outcome], 6);
    assert.equal(result.state, 'complete');
    const reasons = result.failureReasons.map(({ reason }) => reason).join('; ');
    assert.ok(reasons.includes(says) && reasons !== '', `reasons: ${reasons}`);
  });
}

test('a target that refuses connections ends in exit code 91 with its name and the remedy', async () => {
  const { code, errors } = await runScenario(
    closed('http://127.0.0.1:9', '{ executor: shared-iterations, vus: 2, iterations: 6 }'),
  );
  assert.equal(code, 91);
  assert.match(errors, /target "server" at http:\/\/127\.0\.0\.1:9.*ECONNREFUSED/);
  assert.match(errors, /--target server=URL/);
  assert.doesNotMatch(errors, /\n\s+at /, 'no stack trace');
});

test('a name that does not resolve ends in exit code 91 and says so', async () => {
  const { code, errors } = await runScenario(
    closed(
      'http://does-not-exist.invalid',
      '{ executor: shared-iterations, vus: 1, iterations: 1 }',
    ),
  );
  assert.equal(code, 91);
  assert.match(errors, /does-not-exist\.invalid.*(ENOTFOUND|EAI_AGAIN)/s);
});

test('a server that dies mid-run costs operations and not the run', async () => {
  const folder = scenarioFolder(`
version: 1
targets: { server: { driver: http, server: embedding-node, timeout: 1s } }
steps: [{ name: health, request: { path: /health } }]
load: { executor: constant-arrival-rate, rate: 100/s, duration: 3s, maxInFlight: 50 }
`);
  const run = startLoadgen(['run', 'scenario.yaml', '--json'], { folder });
  await untilMeasuring(run.process);
  process.kill(serverPidUnder(run.process.pid!), 'SIGKILL');
  const { code, output, errors } = await run.ended;
  // INVALID (90) is right where the machine is too busy to keep the plan: not the subject here.
  assert.ok([0, 90].includes(code ?? -1), errors);
  const trial = (JSON.parse(output) as { trials: { folder: string }[] }).trials[0]!.folder;
  const result = JSON.parse(readFileSync(join(folder, trial, 'result.json'), 'utf8')) as {
    notes: string[];
    accounts: { measure: { due: number; operations: Record<string, number> } };
  };
  const { due, operations } = result.accounts.measure;
  assert.equal(due, 300);
  assert.ok(operations['connect_failed']! > 50, JSON.stringify(operations));
  assert.ok(operations['ok']! > 20, JSON.stringify(operations));
  assert.match(result.notes.join(), /server of "server" ended: it was ended by SIGKILL/);
});

test('a results folder that cannot be written ends in exit code 93 before any load', async () => {
  const server = await startReferenceServer({ port: 0 });
  const blocked = join(temporaryFolder(), 'file');
  writeFileSync(blocked, '');
  const { code, errors } = await runScenario(
    closed(server.url, '{ executor: shared-iterations, vus: 1, iterations: 5 }'),
    { args: [`--results=${blocked}`] },
  );
  const { requests } = server.counts();
  await server.close();
  assert.equal(code, 93);
  assert.match(errors, /cannot be written to .*file/);
  assert.equal(requests, 0);
});

test('more connections than file descriptors are refused before any load', async () => {
  const folder = scenarioFolder(
    closed('http://127.0.0.1:9', '{ executor: constant-vus, vus: 1000, duration: 1s }'),
  );
  const run = startLoadgen(['run', 'scenario.yaml'], { folder, descriptorLimit: 256 });
  const { code, errors } = await run.ended;
  assert.equal(code, 104);
  assert.match(errors, /1,?000 connections.*256/s);
  assert.equal(existsSync(join(folder, 'results')), false);
});

test('a data row that breaks a template ends the run with the row and what was measured', async () => {
  const server = await startReferenceServer({ port: 0 });
  const { code, errors } = await runScenario(
    `
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
data: { rows: { inline: [{ v: fine }, { v: "broken\\nheader" }] } }
steps: [{ name: get, request: { path: /, headers: { x-value: "{{ rows.v }}" } } }]
load: { executor: shared-iterations, vus: 1, iterations: 4 }
`,
  );
  await server.close();
  assert.equal(code, 104);
  assert.match(errors, /step "get" failed on row 2/);
  assert.doesNotMatch(errors, /\n\s+at /);
});

test('the first Ctrl+C stops starting, waits for answers and writes the result', async () => {
  const server = await startReferenceServer({ port: 0, serviceTimeNs: 200e6 });
  const folder = scenarioFolder(
    closed(server.url, '{ executor: constant-vus, vus: 4, duration: 60s }'),
  );
  const run = startLoadgen(['run', 'scenario.yaml', '--json'], { folder });
  await untilMeasuring(run.process);
  run.process.kill('SIGINT');
  const { code, output, errors } = await run.ended;
  await server.close();
  assert.equal(code, 105, errors);
  const trial = (JSON.parse(output) as { trials: { folder: string; state: string }[] }).trials[0]!;
  assert.equal(trial.state, 'interrupted');
  const { accounts } = readJson(join(folder, trial.folder, 'result.json')) as {
    accounts: { measure: { attempted: number; operations: Record<string, number> } };
  };
  assert.equal(accounts.measure.operations['interrupted'], 0, 'open answers were waited for');
  assert.equal(accounts.measure.operations['ok'], accounts.measure.attempted);
});

test('the second Ctrl+C stops at once and still writes what was measured', async () => {
  const server = await startReferenceServer({ port: 0, serviceTimeNs: 20e9 });
  const folder = scenarioFolder(
    closed(server.url, '{ executor: constant-vus, vus: 4, duration: 60s }').replace('5s', '30s'),
  );
  const run = startLoadgen(['run', 'scenario.yaml', '--json'], { folder });
  await untilMeasuring(run.process);
  run.process.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const secondAt = performance.now();
  run.process.kill('SIGINT');
  const { code, output } = await run.ended;
  const tookMs = performance.now() - secondAt;
  await server.close();
  assert.equal(code, 105);
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
  const trial = (JSON.parse(output) as { trials: { folder: string }[] }).trials[0]!;
  const { accounts } = readJson(join(folder, trial.folder, 'result.json')) as {
    accounts: { measure: { operations: Record<string, number> } };
  };
  assert.equal(accounts.measure.operations['interrupted'], 4);
});

test('after kill -9 the seconds are there, the run is marked, and no server is left', async () => {
  const folder = scenarioFolder(`
version: 1
targets: { server: { driver: http, server: embedding-node } }
steps: [{ name: health, request: { path: /health } }]
load: { executor: constant-arrival-rate, rate: 200/s, duration: 60s }
`);
  const run = startLoadgen(['run', 'scenario.yaml'], { folder });
  await untilMeasuring(run.process);
  await new Promise((resolve) => setTimeout(resolve, 4_200));
  const serverPid = serverPidUnder(run.process.pid!);
  run.process.kill('SIGKILL');
  await run.ended;
  const runs = join(folder, 'results', 'scenario');
  const trial = join(runs, readdirSync(runs)[0]!, 'trial-001');
  const rows = readFileSync(join(trial, 'intervals.ndjson'), 'utf8').trim().split('\n');
  assert.ok(rows.length >= 3, `${rows.length} rows`);
  assert.equal(existsSync(join(trial, 'result.json')), false);
  const report = await startLoadgen(['report', trial], { folder }).ended;
  assert.equal(report.code, 0, report.errors);
  assert.match(report.output, /incomplete/i);
  for (let attempt = 0; attempt < 60 && isAlive(serverPid); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(isAlive(serverPid), false, 'the embedded server is still running');
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the piped live view has told of the first measured second. */
function untilMeasuring(child: { stderr: NodeJS.ReadableStream | null }): Promise<void> {
  return new Promise((resolve) => {
    child.stderr!.on('data', (text: Buffer | string) => {
      if (String(text).includes('measuring')) resolve();
    });
  });
}

/** The embedded server is the child of the guardian, which is a child of loadgen. */
function serverPidUnder(loadgen: number): number {
  const guardian = childrenOf(loadgen).at(-1)!;
  return childrenOf(guardian).at(-1)!;
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

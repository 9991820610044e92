import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { scenarioFolder, startLoadgen } from '../support/run-loadgen.ts';
import { startEmbeddingFixture, type EmbeddingFixture } from './embedding-fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const SMOKE = join(ROOT, 'scenarios/smoke.yaml');
const PAGE = readFileSync(join(ROOT, 'docs/smoke-test.md'), 'utf8');
const FAILED_99 = 'FAILED (exit code 99: thresholds failed): ';

interface SmokeEnd {
  readonly code: number | null;
  readonly lastLine: string;
  readonly runFolder: string;
}

async function smoke(...args: readonly string[]): Promise<SmokeEnd> {
  return smokeIn(scenarioFolder(''), SMOKE, ...args);
}

/** As CI has it: both streams in one, of which the last line counts. */
async function smokeIn(
  folder: string,
  file: string,
  ...args: readonly string[]
): Promise<SmokeEnd> {
  const { code, output } = await startLoadgen(['run', file, ...args], { folder }).ended;
  const lastLine = output.trimEnd().split('\n').at(-1)!;
  const parent = join(folder, 'results', file === SMOKE ? 'smoke' : 'scenario');
  const [name] = existsSync(parent) ? readdirSync(parent) : [];
  return { code, lastLine, runFolder: join(parent, name ?? '') };
}

async function fixture(context: TestContext): Promise<EmbeddingFixture> {
  const server = await startEmbeddingFixture();
  context.after(() => server.close());
  return server;
}

/** What ran, by the run's own clock: starting a process on a busy machine is not the smoke test's. */
function loadSeconds({ runFolder }: SmokeEnd): number {
  const trial = readdirSync(runFolder).find((name) => name.startsWith('trial-'))!;
  const { phases } = JSON.parse(readFileSync(join(runFolder, trial, 'result.json'), 'utf8'));
  return (phases.at(-1).endNs - phases[0].startNs) / 1e9;
}

function assertDocumented(words: string): void {
  assert.ok(PAGE.includes(words), `docs/smoke-test.md lacks: ${words}`);
}

test('a server that is well passes, with a report for every reader', async (context) => {
  const server = await fixture(context);
  const end = await smoke('--target', `embeddings=${server.url}`);
  assert.equal(end.code, 0);
  assert.equal(end.lastLine, 'PASSED: 160 operations, none failed, 2 thresholds held');
  assertDocumented(end.lastLine);
  for (const extension of ['txt', 'json', 'xml', 'md', 'csv']) {
    assert.ok(existsSync(join(end.runFolder, `report.${extension}`)), extension);
  }
  const junit = readFileSync(join(end.runFolder, 'report.xml'), 'utf8');
  assert.match(junit, /<testsuites tests="3" failures="0"/);
});

test('a server that is down', async () => {
  const { code, lastLine } = await smoke(
    '--target',
    `embeddings=http://127.0.0.1:${await freePort()}`,
  );
  assert.equal(code, 91);
  const words = 'FAILED (exit code 91: target unreachable): The target "embeddings" at ';
  assertDocumented(words);
  assert.ok(lastLine.startsWith(words), lastLine);
  assert.match(lastLine, /cannot be reached: .*(ECONNREFUSED|refused)/);
});

test('a server that is too slow', async (context) => {
  const server = await fixture(context);
  server.delayMs = 700;
  const end = await smoke('--target', `embeddings=${server.url}`);
  assert.equal(end.code, 99);
  const words = `${FAILED_99}response_time{target:*} p(90) < 500ms [target:embeddings]: 7`;
  assertDocumented(words);
  assert.ok(end.lastLine.startsWith(words), end.lastLine);
  assert.ok(loadSeconds(end) < 10.5);
});

test('a server that takes requests and never answers ends the test in time all the same', async (context) => {
  const server = await fixture(context);
  server.isSilent = true;
  const end = await smoke('--target', `embeddings=${server.url}`);
  assert.equal(end.code, 99);
  assert.match(
    end.lastLine,
    /error_rate\{target:\*\} == 0% \[target:embeddings\]: 100% .*no answer within 3000 ms/,
  );
  assert.ok(loadSeconds(end) < 11, String(loadSeconds(end)));
});

test('a server that answers with the wrong body', async (context) => {
  const server = await fixture(context);
  server.dimensions = 383;
  const { code, lastLine } = await smoke('--target', `embeddings=${server.url}`);
  assert.equal(code, 99);
  const words = `${FAILED_99}error_rate{target:*} == 0% [target:embeddings]: 50.0% (most often: 80 × embed: not `;
  assertDocumented(words);
  assert.ok(lastLine.startsWith(words), lastLine);
  assert.match(lastLine, /json\.embeddings\[0\]\.size\(\) == 384/);
});

test('one bad target of two is named, and only that one', async (context) => {
  const [good, bad] = [await fixture(context), await fixture(context)];
  bad.status = 500;
  const folder = scenarioFolder(`
version: 1
targets:
  good: { driver: http, url: "${good.url}" }
  bad: { driver: http, url: "${bad.url}" }
steps:
  - { name: first, target: good, request: { path: /health } }
  - { name: second, target: bad, request: { path: /health } }
load: { executor: shared-iterations, vus: 2, iterations: 80, maxDuration: 8s, gracefulStop: 2s }
thresholds: ["error_rate{target:*} == 0%", "response_time{target:*,outcome:ok} p(90) < 5s"]
`);
  const { code, lastLine } = await smokeIn(folder, 'scenario.yaml');
  assert.equal(code, 99);
  const words = `${FAILED_99}error_rate{target:*} == 0% [target:bad]: 100% (most often: 80 × bad: `;
  assert.ok(lastLine.startsWith(words), lastLine);
  assert.ok(!lastLine.includes('target:good'), lastLine);
});

test('a server that became slower than the last good run', async (context) => {
  const server = await fixture(context);
  server.delayMs = 20;
  const args = ['--profile', 'compare', '--target', `embeddings=${server.url}`];
  const before = await smoke(...args);
  assert.equal(before.code, 0, before.lastLine);
  server.delayMs = 200;
  const limits = ['--baseline', before.runFolder, '--max-regression', '25%'];
  const { code, lastLine } = await smoke(...args, ...limits);
  assert.equal(code, 99);
  const words = `${FAILED_99}regression against the baseline: throughput is `;
  assertDocumented(words);
  assert.ok(lastLine.startsWith(words), lastLine);
});

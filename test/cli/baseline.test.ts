import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import { startLoadgen, scenarioFolder, type LoadgenEnd } from '../support/run-loadgen.ts';

type Server = Awaited<ReturnType<typeof startReferenceServer>>;

const SCENARIO = `
version: 1
targets: { server: { driver: http, url: "http://127.0.0.1:1" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: shared-iterations, vus: 4, iterations: 40 }
trials: { repeat: 3 }
thresholds: ["error_rate == 0%"]
`;

let fast: Server;
let slow: Server;
let folder: string;
let good: string;

before(async () => {
  fast = await startReferenceServer({ port: 0, serviceTimeNs: 20e6 });
  slow = await startReferenceServer({ port: 0, serviceTimeNs: 200e6 });
  folder = scenarioFolder(SCENARIO);
  const end = await run(fast, '--json');
  assert.equal(end.code, 0, end.errors);
  good = JSON.parse(end.output).folder;
});

after(() => Promise.all([fast.close(), slow.close()]));

test('a run that is ten times slower than the baseline fails with 99 and says why', async () => {
  const { code, output } = await run(slow, '--baseline', good, '--max-regression=50%');
  assert.equal(code, 99, output);
  const last = output.trimEnd().split('\n').at(-1)!;
  assert.match(
    last,
    /^FAILED \(exit code 99: thresholds failed\): regression against the baseline: throughput is \d+(\.\d)?% of /,
  );
  assert.match(output, /^Against the baseline/m);
  assert.match(output, /✗ response_time p50\s+\d+% of [\d.]+ ms \(95%: /);
  const [, saved] = /^ {2}folder +(.*)$/m.exec(output)!;
  const comparison = JSON.parse(readFileSync(join(folder, saved!, 'baseline.json'), 'utf8'));
  assert.equal(comparison.status, 'regressed');
  const document = JSON.parse(readFileSync(join(folder, saved!, 'run.json'), 'utf8'));
  assert.equal(document.exitCode, 99);
});

test('a run that is as fast holds, and any report of it has the comparison', async () => {
  const end = await run(fast, '--baseline', good, '--max-regression=90%', '--json');
  assert.equal(end.code, 0, end.output + end.errors);
  const summary = JSON.parse(end.output);
  assert.equal(summary.baseline.status, 'held');
  assert.match(end.errors, /PASSED: .*no regression against the baseline\n$/);
  for (const [format, words] of [
    ['text', /✓ throughput/],
    ['markdown', /\| ✓ held \| all \| throughput \|/],
    ['junit', /<testsuite name="baseline" tests="6" failures="0"/],
  ] as const) {
    const { output, code } = await loadgen('report', summary.folder, '--format', format);
    assert.equal(code, 0);
    assert.match(output, words, format);
  }
});

test('a report judges against a baseline too, with its own exit code', async () => {
  const end = await run(slow, '--json');
  assert.equal(end.code, 0);
  const late = JSON.parse(end.output).folder as string;
  const judged = await loadgen('report', late, '--baseline', good, '--format=junit');
  assert.equal(judged.code, 99);
  assert.match(judged.output, /<failure message="\d+% of .*" type="regression"\/>/);
  assert.equal((await loadgen('report', good, '--baseline', late)).code, 0, 'faster is fine');
});

test('nothing is called a regression that one short run cannot show; that fails and says so', async () => {
  const single = ['--set=trials.repeat=1'];
  const first = await run(fast, '--json', ...single);
  const one = JSON.parse(first.output).folder as string;
  const { code, output } = await run(fast, '--baseline', one, ...single);
  assert.equal(code, 99);
  assert.match(output, /no figure could be compared .*: not decided with this many samples/);
});

for (const [what, args, difference] of [
  ['load', ['--set=load.vus=2'], /flows\.main\.vus is 4 in the baseline and 2 here/],
  ['seed', ['--seed=9'], /seed is 1 in the baseline and 9 here/],
  ['request', ['--set=steps.get.request.path=/x'], /steps\.0\.request\.path is "\/" .* "\/x" here/],
  [
    'sweep',
    ['--set=trials.repeat=1', '--profile=swept'],
    /no trial load\.vus=1, and this run has|has a trial without a sweep/,
  ],
] as const) {
  test(`a baseline of another ${what} is refused before a request is sent`, async () => {
    const asked = slow.counts().requests;
    const swept = scenarioFolder(`${SCENARIO}profiles: { swept: { sweep: { load.vus: [1, 2] } } }`);
    const target = `--target=server=${slow.url}`;
    const command = ['run', 'scenario.yaml', target, '--baseline', join(folder, good), ...args];
    const { code, errors } = await startLoadgen(command, { folder: swept }).ended;
    assert.equal(code, 104, errors);
    assert.match(errors, difference);
    assert.equal(slow.counts().requests, asked);
    assert.ok(!existsSync(join(swept, 'results')));
  });
}

test('a run that failed is no baseline', async () => {
  const failing = ['--set', 'thresholds=["error_rate > 50%"]'];
  const end = await run(fast, '--json', ...failing);
  assert.equal(end.code, 99);
  const bad = JSON.parse(end.output).folder as string;
  const { code, errors } = await run(fast, '--baseline', bad);
  assert.equal(code, 104);
  assert.match(errors, /its trial 1 ended with exit code 99/);
});

test('a limit that is no share, or stands alone, is refused', async () => {
  for (const args of [['--max-regression=5%'], ['--baseline', good, '--max-regression=much']]) {
    const { code, errors } = await run(fast, ...args);
    assert.equal(code, 104);
    assert.match(errors, /--max-regression/);
  }
});

function run(server: Server, ...args: readonly string[]): Promise<LoadgenEnd> {
  return loadgen('run', 'scenario.yaml', `--target=server=${server.url}`, ...args);
}

function loadgen(...args: readonly string[]): Promise<LoadgenEnd> {
  return startLoadgen(args, { folder }).ended;
}

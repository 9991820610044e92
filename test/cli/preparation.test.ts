import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Result } from '../../src/results/schema/result.ts';
import { startReferenceServer, type ReferenceServer } from '../../servers/reference/server.ts';
import {
  runScenario,
  scenarioFolder,
  startLoadgen,
  type ScenarioRun,
} from '../support/run-loadgen.ts';

let server: ReferenceServer;

before(async () => {
  server = await startReferenceServer({ port: 0 });
});
beforeEach(() => server.reset());
after(() => server.close());

/** The paths that the server was asked for, in order. */
function asked(): string[] {
  return [...server.log.entries()].map(({ path }) => path);
}

/** How often each was asked for that follows on another one, in order: `['/a', 2, '/b', 1]`. */
function stretches(): (string | number)[] {
  const found: [string, number][] = [];
  for (const path of asked()) {
    const last = found.at(-1);
    if (last?.[0] === path) last[1]++;
    else found.push([path, 1]);
  }
  return found.flat();
}

function scenario(lists: string, load = '{ executor: shared-iterations, vus: 2, iterations: 20 }') {
  return `
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
${lists}
steps: [{ name: get, request: { path: /bytes/9 } }]
load: ${load}
`;
}

const step = (name: string, path: string, more = ''): string =>
  `{ name: ${name}, request: { path: ${path} }${more} }`;

function resultOf({ folder, summary }: ScenarioRun, trial = 0): Result {
  const file = join(folder, summary.trials[trial]!.folder, 'result.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Result;
}

test('parts of prepare run one after the other before the load, cleanUp behind it', async () => {
  const rows = Array.from({ length: 7 }, (_, row) => `{ size: ${row} }`).join(', ');
  const run = await runScenario(
    scenario(`
data: { docs: { inline: [${rows}], pick: once } }
prepare:
  - ${step('make', '/bytes/1', ', extract: { code: status }')}
  - ${step('use', '"/status/{{ steps.make.code }}"')}
  - ${step('fill', '"/status/30{{ docs.size }}"', ', expect: ["status >= 300"], load: { vus: 3, iterations: all }')}
  - ${step('ready', '/bytes/2')}
cleanUp:
  - ${step('drop', '/bytes/3')}
thresholds:
  - "operations{phase:prepare,step:fill,outcome:ok} count == 7"
  - "response_time{phase:prepare,step:ready} max < 60s"
  - "operations{phase:cleanup} count == 1"
  - "operations count == 20"
`),
    { args: ['--workers=2'] },
  );
  assert.equal(run.code, 0, run.errors);
  const paths = asked();
  assert.deepEqual(paths.slice(0, 2), ['/bytes/1', '/status/200']);
  assert.deepEqual(
    paths.slice(2, 9).toSorted(),
    [0, 1, 2, 3, 4, 5, 6].map((row) => `/status/30${row}`),
    'each row once, over all workers',
  );
  assert.deepEqual(stretches().slice(-6), ['/bytes/2', 1, '/bytes/9', 20, '/bytes/3', 1]);
  const result = resultOf(run);
  assert.equal(result.accounts.measure.attempted, 20, 'what is around the load is not in it');
  assert.deepEqual(
    result.preparations!.map(({ phase, steps, account }) => [phase, steps, account.attempted]),
    [
      ['prepare', ['make', 'use'], 2],
      ['prepare', ['fill'], 7],
      ['prepare', ['ready'], 1],
      ['cleanup', ['drop'], 1],
    ],
  );
  for (const { series, phase } of result.preparations!) {
    assert.ok(series.every(({ tags }) => tags['phase'] === phase));
  }
});

test('a sweep prepares again exactly where the content of prepare changed', async () => {
  const run = await runScenario(
    scenario(`
params: { size: 1, other: 1 }
prepare: [${step('make', '"/bytes/{{ params.size }}"')}]
cleanUp: [${step('drop', '/bytes/5')}]
sweep: { params.size: [1, 2], params.other: [1, 2], load.vus: [1, 2] }
thresholds: ["operations{phase:prepare,step:make} count == 1"]
`),
  );
  assert.equal(run.code, 0, run.errors);
  const load = 4 * 20;
  const ofContent = (path: string) => [path, 1, '/bytes/9', load, '/bytes/5', 1];
  assert.deepEqual(stretches(), [...ofContent('/bytes/1'), ...ofContent('/bytes/2')]);
  assert.equal(run.summary.trials.length, 8);
  const shared = resultOf(run, 3);
  assert.deepEqual(
    shared.preparations!.map(({ phase, trial }) => [phase, trial]),
    [
      ['prepare', 1],
      ['cleanup', 1],
    ],
  );
  assert.ok(shared.notes.some((note) => note.includes('prepared for trial 1')));
});

test('a failing prepare step ends the run with 100, named, and cleanUp runs all the same', async () => {
  const run = await runScenario(
    scenario(`
prepare: [${step('make', '/bytes/1')}, ${step('index', '/status/500')}, ${step('never', '/bytes/2')}]
cleanUp: [${step('drop', '/bytes/3')}]
`),
  );
  assert.equal(run.code, 100);
  assert.match(run.errors, /prepare step "index" failed: status_error \(status 500\)/);
  assert.match(run.errors, /loadgen prepare FILE/);
  assert.deepEqual(asked(), ['/bytes/1', '/status/500', '/bytes/3']);
});

test('a step may fail that says onFail: continue', async () => {
  const run = await runScenario(
    scenario(
      `prepare: [${step('drop', '/status/404', ', onFail: continue')}, ${step('make', '/bytes/1')}]`,
    ),
  );
  assert.equal(run.code, 0, run.errors);
  assert.deepEqual(stretches(), ['/status/404', 1, '/bytes/1', 1, '/bytes/9', 20]);
});

test('one failing operation of a load in prepare is a failed step', async () => {
  const fill = step('fill', '/fail-every/10', ', load: { vus: 2, iterations: 15 }');
  const run = await runScenario(scenario(`prepare: [${fill}]`));
  assert.equal(run.code, 100);
  assert.match(run.errors, /"fill" failed: rejected \(status 503\)/);
});

test('iterations that a load in prepare has no time for are a failed step', async () => {
  const load = ', load: { vus: 1, iterations: 1000, maxDuration: 500ms }';
  const run = await runScenario(scenario(`prepare: [${step('fill', '"/bytes/1?ms=50"', load)}]`));
  assert.equal(run.code, 100);
  assert.match(run.errors, /"fill" failed: only \d+ of 1000 iterations ended before its load did/);
});

test('a failing cleanUp step ends the run with 101 and keeps its results', async () => {
  const run = await runScenario(scenario(`cleanUp: [${step('drop', '/status/500')}]`));
  assert.equal(run.code, 101);
  assert.match(run.errors, /cleanUp step "drop" failed: status_error/);
  const result = resultOf(run);
  assert.equal(result.state, 'complete');
  assert.equal(result.accounts.measure.operations['ok'], 20);
  assert.match(result.preparations![0]!.failure!, /"drop" failed/);
});

const ENDLESS = '{ executor: constant-vus, vus: 1, duration: 10m }';

test('a run that is interrupted once cleans up', async () => {
  const folder = scenarioFolder(scenario(`cleanUp: [${step('drop', '/bytes/3')}]`, ENDLESS));
  const run = startLoadgen(['run', 'scenario.yaml', '--quiet'], { folder });
  await requests(5);
  run.process.kill('SIGINT');
  assert.equal((await run.ended).code, 105);
  assert.equal(asked().at(-1), '/bytes/3');
});

test('a run that is interrupted twice does not', async () => {
  const silent = scenario(`cleanUp: [${step('drop', '/bytes/3')}]`, ENDLESS);
  const folder = scenarioFolder(silent.replace('/bytes/9', '/silence'));
  const run = startLoadgen(['run', 'scenario.yaml'], { folder });
  await requests(1);
  run.process.kill('SIGINT');
  await said(run.process.stderr!, 'once more stops at once');
  run.process.kill('SIGINT');
  const { code } = await run.ended;
  assert.equal(code, 105);
  assert.ok(!asked().includes('/bytes/3'));
});

test('shards leave prepare and cleanUp to the commands of that name', async () => {
  const text = scenario(`
prepare: [${step('make', '/bytes/1')}]
cleanUp: [${step('drop', '/bytes/3')}]
thresholds: ["operations{phase:prepare} count == 1"]
`);
  const folder = scenarioFolder(text);
  const loadgen = async (...args: string[]) => {
    const end = await startLoadgen(args, { folder }).ended;
    return { ...end, json: JSON.parse(end.output) as PreparedJson };
  };
  const prepared = await loadgen('prepare', 'scenario.yaml', '--json');
  assert.equal(prepared.code, 0, prepared.errors);
  assert.deepEqual(
    prepared.json.preparations.map(({ steps }) => steps),
    [['make']],
  );
  assert.equal(prepared.json.thresholds[0]!.status, 'passed');
  const shard = await loadgen('run', 'scenario.yaml', '--shard', '1/2', '--json');
  assert.equal(shard.code, 0, shard.errors);
  assert.match(shard.errors, /Shards run neither prepare nor cleanUp/);
  const cleaned = await loadgen('cleanup', 'scenario.yaml', '--json');
  assert.equal(cleaned.code, 0, cleaned.errors);
  assert.deepEqual(stretches(), ['/bytes/1', 1, '/bytes/9', 10, '/bytes/3', 1]);
});

test('the commands refuse trials that are prepared in several ways, and servers of their own', async () => {
  const swept = scenario(`
params: { size: 1 }
prepare: [${step('make', '"/bytes/{{ params.size }}"')}]
sweep: { params.size: [1, 2] }
`);
  const folder = scenarioFolder(swept);
  const several = await startLoadgen(['prepare', 'scenario.yaml'], { folder }).ended;
  assert.equal(several.code, 104);
  assert.match(several.errors, /the 2 trials are prepared in 2 ways[\s\S]*--set PATH=VALUE/);
  const one = ['prepare', 'scenario.yaml', '--set', 'params.size=2'];
  assert.equal((await startLoadgen(one, { folder }).ended).code, 0);
  assert.deepEqual(asked(), ['/bytes/2']);
  const own = scenarioFolder(swept.replace(`url: "${server.url}"`, 'server: reference'));
  const refused = await startLoadgen(one, { folder: own }).ended;
  assert.equal(refused.code, 104);
  assert.match(refused.errors, /a server that it starts would end with it/);
});

interface PreparedJson {
  readonly preparations: NonNullable<Result['preparations']>;
  readonly thresholds: Result['thresholds'];
}

/** Resolves when the server was asked so often. */
async function requests(count: number): Promise<void> {
  while (server.counts().requests < count) await new Promise((next) => setTimeout(next, 20));
}

/** Resolves when the process has said so. */
function said(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let heard = '';
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer | string) => {
      heard += chunk.toString();
      if (heard.includes(text)) resolve();
    });
  });
}

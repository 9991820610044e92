import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { plannedArrivals } from '../../src/load/executors/phase-plan.ts';
import { modelOf } from '../../src/load/executors/registry.ts';
import { MEASURE, PHASES, WARMUP } from '../../src/measure/metrics/outcome.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { resolveScenario } from '../../src/scenario/resolve-scenario.ts';
import { assertRecount } from '../support/recount.ts';
import { startReferenceProcess, type ReferenceProcess } from '../support/reference-process.ts';
import {
  assertEnded,
  scenarioFolder,
  startLoadgen,
  type JsonSummary,
} from '../support/run-loadgen.ts';
import { readSamples, type Sample } from '../support/sample-log.ts';

let server: ReferenceProcess;
before(async () => (server = await startReferenceProcess()));
after(() => server.stop());

const scenarioText = (duration: string): string => `
version: 1
seed: 7
targets: { server: { driver: http, url: "${server.url}", timeout: 2s } }
steps: [{ name: get, request: { path: / } }]
load:
  executor: constant-arrival-rate
  rate: 200/s
  duration: ${duration}
  arrival: poisson
  warmup: { duration: 500ms }
thresholds: ["error_rate < 50%"]
`;

interface ShardRun {
  /** Of its trial. */
  readonly folder: string;
  readonly result: Result;
  readonly samples: readonly Sample[];
}

function startShard(folder: string, place: string, args: readonly string[] = []) {
  const command = ['run', 'scenario.yaml', '--shard', place, '--samples', '--json', '--quiet'];
  return startLoadgen([...command, ...args], { folder });
}

/** A run of so many shards, each a process of its own, as soon as each of them can. */
async function runShards(folder: string, count: number): Promise<ShardRun[]> {
  const places = Array.from({ length: count }, (_, index) => `${index + 1}/${count}`);
  const runs = places.map((place) => startShard(folder, place));
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  return ends.map(({ output, errors }) => {
    assert.notEqual(output, '', errors);
    const trial = (JSON.parse(output) as JsonSummary).trials[0]!.folder;
    return readShard(join(folder, trial));
  });
}

function readShard(folder: string): ShardRun {
  return { folder, result: readJson<Result>(folder, 'result.json'), samples: readSamples(folder) };
}

function readJson<Document>(folder: string, file: string): Document {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Document;
}

/** Merges with the command, and reads the trial that came of it. */
async function merge(folders: readonly string[], output: string) {
  const end = await startLoadgen(['merge', ...folders, '--output', output, '--json']).ended;
  const trial = join(output, 'trial-001');
  return {
    ...end,
    trial,
    result: end.output === '' ? undefined : readJson<Result>(trial, 'result.json'),
  };
}

/** The plan from the scenario alone: `phase iteration offset`, an entry an event. */
async function plannedEvents(folder: string): Promise<string[]> {
  const { scenario } = await resolveScenario({
    file: join(folder, 'scenario.yaml'),
    profiles: [],
    set: [],
    targets: [],
    environment: {},
    surroundings: { recipes: [], reportFormats: ['text', 'json', 'junit'], descriptorLimit: 1e6 },
  });
  const [{ flows, seed }] = scenario.trials as [(typeof scenario.trials)[0]];
  const [{ load, name: flowName }] = flows as [(typeof flows)[0]];
  return [WARMUP, MEASURE].flatMap((phase) => {
    const model = modelOf(phase === WARMUP ? load.warmup!.load : load);
    assert.ok(model.kind === 'open');
    const events: string[] = [];
    const cursor = plannedArrivals(model, { seed, flowName, phase }).cursor();
    for (; cursor.offsetNs !== Infinity; cursor.advance()) {
      events.push(`${PHASES[phase]} ${cursor.index} ${cursor.offsetNs}`);
    }
    return events;
  });
}

/** What a shard says it sent, from its raw log, told from the beginning of each phase. */
function sentEvents({ samples, result }: ShardRun): string[] {
  const startNs = (phase: string): number => {
    // Whole ns stand in the result; the events are whole ns from the exact instant.
    return result.phases.find((one) => one.phase === phase)!.startNs;
  };
  return samples.map(({ phase, iteration, intended }) => {
    return `${phase} ${iteration} ${Math.round(intended - startNs(phase))}`;
  });
}

for (const count of [1, 2, 8]) {
  test(`the events of ${count} shards are those of the plan, and merged histograms a recount of their raw logs`, async () => {
    const folder = scenarioFolder(scenarioText('2s'));
    const shards = await runShards(folder, count);
    const events = shards.flatMap(sentEvents);
    assert.equal(new Set(events).size, events.length, 'no event is sent twice');
    assertSameEvents(events, await plannedEvents(folder));
    for (const { result } of shards) assert.equal(result.samples!.dropped, 0);
    if (count === 1) {
      assert.equal(shards[0]!.result.shard, undefined, 'alone it is an ordinary run');
      assertRecount(shards[0]!.result, shards[0]!.samples);
      return;
    }
    const folders = shards.map((shard) => shard.folder);
    const merged = await merge(folders, join(folder, 'merged'));
    assert.ok(merged.result, merged.errors);
    assertRecount(
      merged.result,
      shards.flatMap(({ samples }) => samples),
    );
    assertSums(merged.result, shards);
    assertRows(merged.trial, shards);
    const other = await merge(folders.toReversed(), join(folder, 'merged-again'));
    assert.deepEqual(withoutIds(other.result!), withoutIds(merged.result), 'in any order');
    const rows = (trial: string) => readFileSync(join(trial, 'intervals.ndjson'), 'utf8');
    assert.equal(rows(other.trial), rows(merged.trial));
  });
}

/** T0 is kept in whole ns, so that an offset may be told one ns off. */
function assertSameEvents(sent: readonly string[], planned: readonly string[]): void {
  const offsets = new Map(sent.map((event) => [event.replace(/ \d+$/, ''), offsetOf(event)]));
  assert.equal(sent.length, planned.length);
  for (const event of planned) {
    const offsetNs = offsets.get(event.replace(/ \d+$/, ''));
    assert.ok(offsetNs !== undefined && Math.abs(offsetNs - offsetOf(event)) <= 1, event);
  }
}

function offsetOf(event: string): number {
  return Number(event.split(' ')[2]);
}

function assertSums(merged: Result, shards: readonly ShardRun[]): void {
  const total = (of: (result: Result) => number): number =>
    shards.reduce((sum, { result }) => sum + of(result), 0);
  for (const term of ['due', 'started', 'completed', 'attempted'] as const) {
    assert.equal(
      merged.accounts.measure[term],
      total((one) => one.accounts.measure[term]),
    );
    assert.equal(
      merged.accounts.warmup![term],
      total((one) => one.accounts.warmup![term]),
    );
  }
  const counters = merged.series.filter(({ kind }) => kind === 'counter');
  for (const [index, { metric, value }] of counters.entries()) {
    const sum = total((one) => one.series.filter(({ kind }) => kind === 'counter')[index]!.value!);
    assert.equal(value, sum, metric);
  }
}

interface Row {
  readonly phase: string;
  readonly second: number;
  readonly seconds: number;
  readonly due: number;
  readonly operations: Readonly<Record<string, number>>;
}

/** Second by second; whole phases where a shard's thread was held up and its row covers several. */
function assertRows(mergedTrial: string, shards: readonly ShardRun[]): void {
  const merged = readRows(mergedTrial);
  const single = merged.every(({ seconds }) => seconds === 1);
  const sums = (rows: readonly Row[]): Record<string, number> => {
    const byTime: Record<string, number> = {};
    for (const { phase, second, due, operations } of rows) {
      const key = single ? `${phase} ${second}` : phase;
      byTime[key] = (byTime[key] ?? 0) + operations['ok']! + 1e6 * due;
    }
    return byTime;
  };
  assert.deepEqual(sums(merged), sums(shards.flatMap(({ folder }) => readRows(folder))));
}

function readRows(trial: string): Row[] {
  const lines = readFileSync(join(trial, 'intervals.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

function withoutIds(result: Result): unknown {
  return { ...result, runId: '', trialId: '' };
}

test('a shard that is killed is named, its rest of the plan is unsent, and the others are whole', async () => {
  const folder = scenarioFolder(scenarioText('4s'));
  const runs = ['1/3', '2/3', '3/3'].map((place) => startShard(folder, place));
  await untilMeasured(folder, 2);
  runs[1]!.process.kill('SIGKILL');
  await Promise.all(runs.map(({ ended }) => ended));
  const folders = trialFolders(folder);
  const { code, result, trial } = await merge(folders, join(folder, 'merged'));
  assert.equal(code, 90);
  assert.equal(result!.state, 'incomplete');
  const states = result!.shards!.map(({ state }) => state);
  assert.equal(states[1], 'incomplete');
  for (const state of [states[0]!, states[2]!]) assert.match(state, /^(complete|late)$/);
  assert.match(
    result!.verdict.reasons.join(),
    /shard 2\/3 did not come to its end: \d+ of its \d+/,
  );
  const planned = (await plannedEvents(folder)).filter((event) => event.startsWith('measure'));
  const { due, started, unsent, completed, interruptedIterations } = result!.accounts.measure;
  assert.equal(due, planned.length, 'all of the plan is accounted for');
  assert.ok(unsent['worker_lost']! > 0);
  assert.equal(due, started + unsent['worker_lost']!);
  assert.equal(started, completed + interruptedIterations);
  const whole = folders.filter((one) => readJson<Result>(one, 'meta.json').shard!.index !== 2);
  for (const one of whole) {
    const { accounts } = readJson<Result>(one, 'result.json');
    assert.equal(accounts.measure.due, accounts.measure.completed, 'the others sent their share');
  }
  const report = await startLoadgen(['report', trial]).ended;
  assert.equal(report.code, 0, report.errors);
  assert.match(report.output, /INCOMPLETE/);
  assert.match(report.output, /shard 2\/3/);
});

function trialFolders(folder: string): string[] {
  return globSync('results/*/*/trial-001', { cwd: folder })
    .map((trial) => join(folder, trial))
    .filter((trial) => existsSync(join(trial, 'meta.json')));
}

/** Until a shard has written a second of its measured phase. */
async function untilMeasured(folder: string, index: number): Promise<void> {
  for (let waited = 0; waited < 600; waited++) {
    const own = trialFolders(folder).find((trial) => {
      return readJson<Result>(trial, 'meta.json').shard?.index === index;
    });
    if (own !== undefined && /"measure"/.test(readFileSync(join(own, 'intervals.ndjson'), 'utf8')))
      return;
    await pause(50);
  }
  assert.fail(`shard ${index} measured nothing`);
}

test('a missing shard is named and its share of the plan is unsent', async () => {
  const folder = scenarioFolder(scenarioText('500ms'));
  const first = await startShard(folder, '1/2').ended;
  assertEnded(first, 0);
  const [trial] = trialFolders(folder);
  const { code, result } = await merge([trial!], join(folder, 'merged'));
  assert.equal(code, 90);
  assert.deepEqual(
    result!.shards!.map(({ state }) => state),
    ['complete', 'missing'],
  );
  const events = await plannedEvents(folder);
  const missing = events.filter((event) => Number(event.split(' ')[1]) % 2 === 1);
  assert.equal(result!.shards![1]!.unsent, missing.length);
  assert.match(result!.verdict.reasons.join(), /shard 2\/2 is missing/);
});

test('results that do not belong together are refused in words', async () => {
  const one = scenarioFolder(scenarioText('300ms'));
  const other = scenarioFolder(scenarioText('400ms'));
  const ends = await Promise.all([startShard(one, '1/2').ended, startShard(other, '2/2').ended]);
  for (const end of ends) assertEnded(end, 0);
  const [[left], [right]] = [trialFolders(one), trialFolders(other)];
  const output = join(one, 'merged');
  const different = await merge([left!, right!], output);
  assert.equal(different.code, 104);
  assert.match(different.errors, /differ in their plan hash/);
  const twice = await merge([left!, left!], output);
  assert.equal(twice.code, 104);
  assert.match(twice.errors, /shard 1 is there twice/);
  const nothing = await merge([one], output);
  assert.equal(nothing.code, 104);
  assert.match(nothing.errors, /neither run\.json nor meta\.json/);
  assert.equal(existsSync(output), false, 'nothing is left behind');
});

test('a shard without the url of its target, or too thin for its load, is refused before any load', async () => {
  const refused = async (scenario: string, place: string, words: RegExp): Promise<void> => {
    const folder = scenarioFolder(scenario);
    const { code, errors } = await startShard(folder, place).ended;
    assert.equal(code, 104);
    assert.match(errors, words);
    assert.equal(existsSync(join(folder, 'results')), false);
  };
  const ownServer = scenarioText('1s').replace(/url: "[^"]*"/, 'server: reference');
  await refused(ownServer, '1/2', /no url.*--target server=URL/s);
  const two = scenarioText('1s').replace(
    /load:[^]*/,
    'load: { executor: shared-iterations, vus: 2, iterations: 9 }',
  );
  await refused(two, '3/3', /vus 2, and 3 are needed/);
  await refused(scenarioText('1s'), '0/2', /--shard.*counted from 1/s);
});

test('a start that is past is refused, with how long ago it was', async () => {
  const folder = scenarioFolder(scenarioText('1s'));
  const past = new Date(Date.now() - 90_000).toISOString();
  const { code, errors } = await startShard(folder, '1/2', ['--start-at', past]).ended;
  assert.equal(code, 104);
  assert.match(errors, /is 9\d\.\d s in the past/);
});

test('iterations and counted warm-ups of a closed load are split over shards', async () => {
  const folder = scenarioFolder(
    scenarioText('1s').replace(
      /load:[^]*/,
      'load: { executor: shared-iterations, vus: 4, iterations: 101, warmup: { iterations: 11 } }',
    ),
  );
  const shards = await runShards(folder, 2);
  const numbers = shards.flatMap(({ samples }) =>
    samples.filter(({ phase }) => phase === 'measure').map(({ iteration }) => iteration),
  );
  assert.deepEqual(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: 101 }, (_, n) => n),
  );
  for (const { result } of shards) assert.ok(result.accounts.warmup!.completed >= 5);
  const merged = await merge(
    shards.map((shard) => shard.folder),
    join(folder, 'merged'),
  );
  assert.equal(merged.result!.accounts.measure.completed, 101);
  assertRecount(
    merged.result!,
    shards.flatMap(({ samples }) => samples),
  );
});

test('the load starts when it was asked to, on the wall clock, and lateness is told', async () => {
  const folder = scenarioFolder(scenarioText('300ms'));
  const { errors } = await startShard(folder, '1/2', ['--start-at=+8s']).ended;
  const [trial] = trialFolders(folder);
  assert.ok(trial, errors);
  const { phases, startAskedAt, notes, clock } = readShard(trial).result;
  const lateMs = Date.parse(phases[0]!.startedAt) - Date.parse(startAskedAt!);
  assert.ok(clock!.end!.clockNs > clock!.start.clockNs);
  if (notes.some((note) => /ms later than asked for/.test(note))) assert.ok(lateMs > 0);
  else assert.ok(Math.abs(lateMs) <= 20, `${lateMs} ms off`);
});

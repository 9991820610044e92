import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { measuredSource } from '../../src/reports/measured-source.ts';
import { readResult } from '../../src/results/read/read-result.ts';
import { openRunFolder, type RunFolder } from '../../src/results/run-folder.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { TrialOutcome } from '../../src/results/trial-outcome.ts';
import type { ResolvedTrial } from '../../src/scenario/resolved.ts';
import { planOf } from '../reports/sample-results.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordedTrial } from './recorded-trial.ts';
import { closedTrial, scenarioOf } from './trials.ts';

let results: string;
let clock: FakeClock;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'loadgen-results-'));
  clock = new FakeClock({ nowNs: 5e9, wallMs: Date.UTC(2026, 10, 22, 10, 34, 26) });
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

test('a whole trial leaves every file, and reads back as it was returned', async () => {
  const trial = closedTrial();
  const run = open([trial]);
  const { writer, recorded } = start(run, trial);
  for (const row of rows(recorded, 3)) writer.interval(row);
  writer.logger.info({ worker: 0 }, 'a worker ended');
  const result = writer.finish(outcomeOf(recorded));
  run.close({ state: 'complete', exitCode: 0 });

  assert.match(run.folder, /embed_closed\/2026-11-22T10-34-26Z-[0-9a-f]{8}$/);
  assert.deepEqual(readdirSync(run.folder).toSorted(), ['run.json', 'trial-001']);
  assert.deepEqual(readdirSync(writer.folder).toSorted(), [
    'effective_config.yaml',
    'histograms.hlog',
    'intervals.ndjson',
    'loadgen.log',
    'meta.json',
    'metrics.csv',
    'metrics.json',
    'result.json',
    'sizing.json',
  ]);
  const read = await readResult(run.folder);
  assert.equal(read.run?.state, 'complete');
  assert.equal(read.run.trials[0]?.state, 'complete');
  assert.deepEqual(read.trials[0]!.result, JSON.parse(JSON.stringify(result)));
  const source = measuredSource(read.trials[0]!.result);
  assert.deepEqual(
    source.histogram('response_time').toRecord(),
    recorded.total.histogram('response_time').toRecord(),
  );
  for (const path of [writer.folder, join(writer.folder, 'result.json')]) {
    assert.deepEqual((await readResult(path)).trials[0]?.result, read.trials[0]!.result);
  }
});

test('meta.json says running from the first moment, and how it ended at the end', async () => {
  const trial = closedTrial();
  const run = open([trial]);
  const { writer, recorded } = start(run, trial);
  const meta = () => JSON.parse(readFileSync(join(writer.folder, 'meta.json'), 'utf8'));
  assert.equal(meta().state, 'running');
  assert.equal(meta().endedAt, null);
  assert.equal(meta().startedAt, '2026-11-22T10:34:26.000Z');
  assert.match(meta().trialId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  await clock.advanceBy(4e9);
  writer.finish(outcomeOf(recorded, { state: 'interrupted', exitCode: 105 }));
  assert.equal(meta().state, 'interrupted');
  assert.equal(meta().endedAt, '2026-11-22T10:34:30.000Z');
});

test('what the servers and the plan add later stands in meta.json and in the result', async () => {
  const trial = closedTrial();
  const run = open([trial]);
  const { writer, recorded } = start(run, trial, { planHash: null, startedServers: [] });
  const embeddings = { ...trial.targets['embeddings']!, url: 'http://127.0.0.1:4711' };
  writer.begin({
    trial: { ...trial, targets: { embeddings } },
    trialCount: 1,
    workers: 2,
    planHash: 'abc',
    startedServers: ['embeddings'],
  });
  const result = writer.finish(outcomeOf(recorded));
  assert.equal(result.planHash, 'abc');
  assert.equal(result.workers, 2);
  assert.equal(result.targets[0]?.server, 'embedding-node');
  assert.equal(result.targets[0]?.url, 'http://127.0.0.1:4711');
});

test('no secret of the scenario is in any file', async () => {
  const trial = closedTrial();
  const run = open([trial]);
  const { writer, recorded } = start(run, trial);
  for (const row of rows(recorded, 1)) writer.interval(row);
  writer.finish(outcomeOf(recorded));
  run.close({ state: 'complete', exitCode: 0 });
  for (const file of readdirSync(results, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const text = readFileSync(join(file.parentPath, file.name), 'utf8');
    assert.ok(!text.includes('secret'), file.name);
  }
});

test('each row of intervals.ndjson is of its second alone, with the account beside it', async () => {
  const trial = closedTrial();
  const { writer, recorded } = start(open([trial]), trial);
  for (const row of rows(recorded, 3)) writer.interval(row);
  const lines = readFileSync(join(writer.folder, 'intervals.ndjson'), 'utf8').trim().split('\n');
  const [, second] = lines.map((line) => JSON.parse(line));
  assert.equal(second.phase, 'measure');
  assert.equal(second.second, 1);
  assert.equal(second.startedAt, '2026-11-22T10:34:28.000Z');
  assert.equal(second.due, 100);
  assert.equal(second.throughput, 90);
  assert.deepEqual(
    [second.operations.ok, second.operations.timeout, second.account.operations.ok],
    [90, 10, 180],
  );
  const { response_time: response } = second.percentiles;
  assert.equal(response.count, 90);
  assert.equal(response.notAnsweredShare, 0.1);
  // 100 ranked samples are enough for p50 and p90 and too few for p95.
  assert.deepEqual(Object.keys(response).filter((key) => key.startsWith('p')), ['p50Ns', 'p90Ns']);
  writer.abandon(109);
});

test('log lines are JSON with the ids of run and trial', async () => {
  const trial = closedTrial();
  const run = open([trial]);
  const { writer } = start(run, trial);
  writer.logger.debug('not of interest');
  writer.logger.warn({ target: 'embeddings' }, 'slow to start');
  writer.abandon(109);
  const lines = readFileSync(join(writer.folder, 'loadgen.log'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0]!);
  assert.equal(line.runId, run.runId);
  assert.equal(line.level, 'warn');
  assert.equal(line.time, '2026-11-22T10:34:26.000Z');
  assert.equal(line.msg, 'slow to start');
  writer.logger.info('after the end, which is too late and hurts nobody');
});

test('two runs of the same second have folders of their own', () => {
  const trial = closedTrial();
  assert.notEqual(open([trial]).folder, open([trial]).folder);
});

test('scenario names cannot leave the results folder or enter the comparison folder', () => {
  for (const name of ['../../escape', 'comparison', '..', 'a/b']) {
    const run = open([closedTrial({ scenario: name })]);
    assert.ok(run.folder.startsWith(`${results}/`), run.folder);
    assert.notEqual(basename(join(run.folder, '..')), 'comparison');
    assert.equal(run.folder.slice(results.length + 1).split('/').length, 2);
  }
  assert.ok(!existsSync(join(results, 'comparison')));
});

test('a results folder that cannot be made is found out at the start', () => {
  const file = join(results, 'a-file');
  writeFileSync(file, '');
  assert.throws(
    () => open([closedTrial()], join(file, 'below')),
    (thrown) => {
      assert.ok(thrown instanceof LoadgenError && thrown.code === 'RESULTS_NOT_WRITABLE');
      assert.match(thrown.message, /a-file.*a part of the path is a file/);
      return true;
    },
  );
});

test('a sweep has a folder and an entry for each of its trials', async () => {
  const trials = [1, 2].map((number) =>
    closedTrial({ trial: number, axes: { 'load.vus': number * 8 } }),
  );
  const run = open(trials);
  for (const trial of trials) {
    const { writer, recorded } = start(run, trial, { trialCount: 2 });
    writer.finish(outcomeOf(recorded));
  }
  run.close({ state: 'complete', exitCode: 0 });
  const read = await readResult(run.folder);
  assert.deepEqual(
    read.run?.trials.map(({ folder, state }) => [folder, state]),
    [
      ['trial-001-vus-8', 'complete'],
      ['trial-002-vus-16', 'complete'],
    ],
  );
  assert.deepEqual(
    read.trials.map(({ result }) => result.axes),
    [{ 'load.vus': 8 }, { 'load.vus': 16 }],
  );
});

function open(trials: readonly ResolvedTrial[], resultsFolder = results): RunFolder {
  return openRunFolder({
    resultsFolder,
    scenario: scenarioOf(trials),
    clock,
    version: '0.1.0',
    workingFolder: results,
    environment: { SLURM_JOB_ID: '4711', SOME_TOKEN: 'secret' },
  });
}

function start(
  run: RunFolder,
  trial: ResolvedTrial,
  change: Partial<Parameters<RunFolder['openTrial']>[0]> = {},
) {
  const opening = { trial, trialCount: 1, workers: 1, planHash: null, startedServers: [] };
  const writer = run.openTrial({ ...opening, ...change });
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 5e9, measure: 6e9 });
  return { writer, recorded };
}

function rows(recorded: RecordedTrial, count: number) {
  return Array.from({ length: count }, () =>
    recorded.second('measure', (second) => {
      for (let i = 1; i <= 90; i++) second.iteration({ responseNs: i * 1e6 });
      for (let i = 0; i < 10; i++) second.iteration({ outcome: 'timeout', responseNs: 2e9 });
    }),
  );
}

function outcomeOf(
  recorded: RecordedTrial,
  change: Partial<TrialOutcome> = {},
): TrialOutcome & { state: Result['state'] } {
  return {
    state: 'complete',
    exitCode: 0,
    phases: [{ phase: 'measure', startNs: 6e9, endNs: 9e9 }],
    metrics: recorded.total,
    accounts: { measure: recorded.account('measure') },
    thresholds: [],
    failureReasons: [],
    ...change,
  };
}

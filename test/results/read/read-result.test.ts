import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { checkAccount } from '../../../src/measure/metrics/account.ts';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { textReport } from '../../../src/reports/text/text-report.ts';
import { readResult } from '../../../src/results/read/read-result.ts';
import { openRunFolder } from '../../../src/results/run-folder.ts';
import { resultText } from '../../../src/results/write/result-text.ts';
import { openResult, planOf } from '../../reports/sample-results.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordedTrial } from '../recorded-trial.ts';
import { closedTrial, scenarioOf } from '../trials.ts';

let results: string;
before(() => {
  results = mkdtempSync(join(tmpdir(), 'loadgen-read-'));
});
after(() => rmSync(results, { recursive: true, force: true }));

test('a run that was killed keeps every second that it had handed in', async () => {
  const script = fileURLToPath(import.meta.resolve('./writing-process.ts'));
  const child = spawn(process.execPath, [script, results], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === 30) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const folder = said[0]!;
  const seconds = Number(said.at(-1));
  assert.ok(seconds >= 29);

  const { trials } = await readResult(folder);
  const { result } = trials[0]!;
  assert.equal(result.state, 'incomplete');
  assert.equal(result.exitCode, null);
  // The second in which it was killed may be there too.
  const kept = result.durationSeconds;
  assert.ok(kept === seconds || kept === seconds + 1, `${kept} of ${seconds}`);
  assert.equal(result.accounts.measure.operations['ok'], kept * 100);
  assert.equal(result.throughput.operationsPerSecond, 100);
  assert.match(textReport({ trials }).text, /INCOMPLETE/);
});

test('a rebuilt trial has the counts and, to a cell, the latencies of what was written', async () => {
  const { folder, recorded } = await killedTrial('rebuilt');
  const { result } = (await readResult(folder)).trials[0]!;
  const source = measuredSource(result);
  assert.deepEqual(result.accounts.measure, recorded.account('measure'));
  assert.deepEqual(result.accounts.warmup, recorded.account('warmup'));
  assert.equal(checkAccount(result.accounts.measure, false), undefined);
  for (const phase of ['warmup', 'measure']) {
    for (const metric of ['attempted', 'bytes_sent', 'ok_in_window', 'due', 'unsent']) {
      assert.equal(source.counter(metric, { phase }), recorded.total.counter(metric, { phase }));
    }
    const rebuilt = source.ranked('response_time', { phase });
    const original = recorded.total.ranked('response_time', { phase });
    assert.equal(rebuilt.total, original.total);
    assert.equal(rebuilt.neverAnswered, original.neverAnswered);
    assert.deepEqual(
      rebuilt.answered.percentile(50),
      original.answered.percentile(50),
      `${phase} median`,
    );
  }
  assert.deepEqual(source.gauge('in_flight'), recorded.total.gauge('in_flight'));
  assert.equal(result.flows[0]?.executor, 'shared-iterations');
});

test('a line that was torn by the kill is left out', async () => {
  const { folder } = await killedTrial('torn');
  const path = join(folder, 'intervals.ndjson');
  const whole = await readResult(folder);
  appendFileSync(path, '{"phase":"measure","second":3,"seco');
  appendFileSync(join(folder, 'histograms.hlog'), 'Tag=response_time{phase=measure},1.0');
  assert.deepEqual((await readResult(folder)).trials[0]!.result, whole.trials[0]!.result);
});

test('histograms of a second whose row is missing are left out with it', async () => {
  const { folder } = await killedTrial('ahead');
  const path = join(folder, 'intervals.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n');
  truncateSync(path, Buffer.byteLength(lines.slice(0, -2).join('\n')) + 1);
  const { result } = (await readResult(folder)).trials[0]!;
  assert.equal(result.durationSeconds, 1);
  const ranked = measuredSource(result).ranked('response_time');
  assert.equal(ranked.answered.count, result.accounts.measure.operations['ok']);
});

test('a trial that was killed before its first second reads as an empty one', async () => {
  const { folder } = await killedTrial('empty', 0);
  const { result } = (await readResult(folder)).trials[0]!;
  assert.equal(result.state, 'incomplete');
  assert.equal(result.durationSeconds, 0);
  assert.match(textReport({ trials: [{ result, folder }] }).text, /INCOMPLETE/);
});

test('fields that a later version adds are ignored', async () => {
  const folder = mkdtempSync(join(results, 'later-'));
  const result = openResult();
  writeFileSync(
    join(folder, 'result.json'),
    JSON.stringify({ ...result, added: 1, targets: [{ ...result.targets[0], added: {} }] }),
  );
  const read = await readResult(folder);
  assert.deepEqual(read.trials[0]!.result, JSON.parse([...resultText(result)].join('')));
});

test('another major version is refused by its name', async () => {
  const folder = mkdtempSync(join(results, 'major-'));
  const document = { ...openResult(), schema: 'loadgen/result@2' };
  writeFileSync(join(folder, 'result.json'), JSON.stringify(document));
  await assert.rejects(readResult(folder), isNotReadable(/result@2; this loadgen reads .*result@1/));
});

test('what is no result says so with its path', async () => {
  await assert.rejects(readResult(join(results, 'nowhere')), isNotReadable(/nowhere.*no such folder/));
  const folder = mkdtempSync(join(results, 'other-'));
  await assert.rejects(readResult(folder), isNotReadable(/neither run.json nor meta.json/));
  writeFileSync(join(folder, 'result.json'), '{"schema": "loadgen/res');
  await assert.rejects(readResult(folder), isNotReadable(/result.json is not a readable/));
  writeFileSync(join(folder, 'result.json'), '{"schema": "loadgen/result@1"}');
  await assert.rejects(readResult(folder), isNotReadable(/state/));
});

test('a run that ended before its first trial says so', async () => {
  const run = openRun('no-trial');
  run.close({ state: 'incomplete', exitCode: 92 });
  await assert.rejects(readResult(run.folder), isNotReadable(/before its first trial/));
});

function openRun(name: string) {
  return openRunFolder({
    resultsFolder: join(results, name),
    scenario: scenarioOf([closedTrial()]),
    clock: new FakeClock({ nowNs: 5e9, wallMs: Date.UTC(2026, 10, 22, 10, 34, 26) }),
    version: '0.1.0',
    workingFolder: results,
    environment: {},
  });
}

/** A trial folder as a kill leaves it: seconds, and no document but `meta.json`. */
async function killedTrial(name: string, seconds = 2) {
  const trial = closedTrial();
  const run = openRun(name);
  const opening = { trial, trialCount: 1, workers: 1, planHash: null, startedServers: [] };
  const writer = run.openTrial(opening);
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 5e9, measure: 6e9 });
  const warmup = recorded.second('warmup', (second) => {
    for (let i = 1; i <= 70; i++) second.iteration({ responseNs: i * 2e6 });
  });
  if (seconds > 0) writer.interval(warmup);
  for (let second = 0; second < seconds; second++) {
    const row = recorded.second('measure', (record) => {
      for (let i = 1; i <= 200; i++) record.iteration({ responseNs: i * 1e6 });
      record.iteration({ outcome: 'timeout', responseNs: 2e9 });
      record.unsent(0, 'late', 3);
      if (second === seconds - 1) record.open(0, 0);
    });
    writer.interval(row);
  }
  // Closes the files, which a kill leaves to the system; then back to what stood there before.
  const meta = readFileSync(join(writer.folder, 'meta.json'));
  await writer.abandon(109);
  writeFileSync(join(writer.folder, 'meta.json.new'), meta);
  renameSync(join(writer.folder, 'meta.json.new'), join(writer.folder, 'meta.json'));
  return { folder: writer.folder, recorded };
}

function isNotReadable(message: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof LoadgenError && thrown.code === 'RESULT_NOT_READABLE');
    assert.match(thrown.message, message);
    return true;
  };
}

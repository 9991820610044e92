import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { readResult } from '../../../src/results/read/read-result.ts';
import { openRunFolder } from '../../../src/results/run-folder.ts';
import { planOf } from '../../reports/sample-results.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordedTrial } from '../recorded-trial.ts';
import { closedTrial, scenarioOf } from '../trials.ts';

const MIB = 2 ** 20;

let disk: string;
let skip: string | false = false;
before(() => {
  disk = mkdtempSync(join(tmpdir(), 'loadgen-disk-'));
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk]);
  if (mounted.status !== 0) skip = 'a small disk cannot be made here: mounting is not permitted';
});
after(() => {
  if (skip === false) spawnSync('/bin/umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

test('a disk that is nearly full is refused before the run', (context) => {
  if (skip !== false) return context.skip(skip);
  fillBut(8 * MIB);
  assert.throws(() => open(), isNotWritable(/only \d MiB are free/));
  empty();
});

test('a disk that fills up in the middle stops the writing and spoils nothing', async (context) => {
  if (skip !== false) return context.skip(skip);
  const trial = closedTrial();
  const run = open();
  const opening = { trial, trialCount: 1, workers: 1, planHash: null, startedServers: [] };
  const writer = run.openTrial(opening);
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 5e9, measure: 6e9 });
  const second = () =>
    recorded.second('measure', (record) => {
      for (let i = 1; i <= 100; i++) record.iteration({ responseNs: i * 1e6 });
    });
  writer.interval(second());
  fillBut(0);
  let written = 1;
  assert.throws(() => {
    for (; written < 100; written++) writer.interval(second());
  }, isNotWritable(/the disk is full \(ENOSPC\)/));
  await writer.abandon(93);

  const rows = readFileSync(join(writer.folder, 'intervals.ndjson'), 'utf8');
  assert.ok(rows.endsWith('}\n'), 'no half line is left');
  empty();
  const { result } = (await readResult(writer.folder)).trials[0]!;
  assert.equal(result.state, 'incomplete');
  assert.equal(result.durationSeconds, written);
  assert.equal(result.accounts.measure.attempted, written * 100);
});

function open() {
  return openRunFolder({
    resultsFolder: disk,
    scenario: scenarioOf([closedTrial()]),
    clock: new FakeClock({ nowNs: 5e9 }),
    version: '0.1.0',
    workingFolder: disk,
    environment: {},
  });
}

function fillBut(bytes: number): void {
  const { bavail, bsize } = statfsSync(disk);
  const filler = Buffer.alloc(Math.max(0, bavail * bsize - bytes));
  writeFileSync(join(disk, 'filler'), filler);
}

function empty(): void {
  rmSync(join(disk, 'filler'));
}

function isNotWritable(message: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof LoadgenError && thrown.code === 'RESULTS_NOT_WRITABLE');
    assert.ok(thrown.message.includes(disk), thrown.message);
    assert.match(thrown.message, message);
    return true;
  };
}

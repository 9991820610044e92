import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runProgram } from '../../src/cli/program.ts';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import {
  calibrationFile,
  calibrationKey,
  findCalibration,
  saveCalibration,
} from '../../src/results/calibrations.ts';
import { calibrationsSchema, type Calibration } from '../../src/results/schema/calibration.ts';
import { resultSchema } from '../../src/results/schema/result.ts';
import {
  runScenario,
  scenarioFolder,
  startLoadgen,
  temporaryFolder,
} from '../support/run-loadgen.ts';
import { startReferenceProcess, type ReferenceProcess } from '../support/reference-process.ts';

let server: ReferenceProcess;
before(async () => (server = await startReferenceProcess()));
after(() => server.stop());

const scenario = (body: string): string => `
version: 1
targets: { api: { driver: http, url: "${server.url}" } }
steps:
  - { name: put, request: { method: PUT, path: /, text: "${body}" }, expect: ["status == 200"] }
load: { executor: shared-iterations, vus: 2, iterations: 400 }
`;

/** Keeps calibrations apart from those of whoever runs the tests. */
const cache = temporaryFolder();
process.env['XDG_CACHE_HOME'] = cache;

test('a calibration is kept, and runs of the same requests say how much of it they used', async () => {
  const file = join(scenarioFolder(scenario('hello')), 'scenario.yaml');
  let output = '';
  let errors = '';
  const io = {
    environment: { XDG_CACHE_HOME: cache },
    write: (text: string) => void (output += text),
    writeError: (text: string) => void (errors += text),
  };
  assert.equal(await runProgram(['calibrate', file, '--level=200ms'], io), 0);
  const kept = join(cache, 'loadgen', 'calibration.json');
  const { entries } = calibrationsSchema.parse(JSON.parse(readFileSync(kept, 'utf8')));
  const [entry] = entries;
  assert.deepEqual(
    entry!.levels.map(({ inFlight }) => inFlight),
    [2, 16, 64, 256],
  );
  const best = Math.max(...entry!.levels.map((level) => level.operationsPerSecond));
  assert.equal(entry!.operationsPerSecond, best);
  assert.ok(entry!.cpuNsPerOperation > 1_000, `${entry!.cpuNsPerOperation} ns of CPU each`);
  assert.ok(entry!.pacing.due > 50 && entry!.pacing.p99Ns >= entry!.pacing.p50Ns);
  assert.deepEqual(entry!.servers, ['null-http']);
  assert.deepEqual(entry!.changes, ['answers are not checked (expect of 1 step)']);
  assert.match(output, /What one worker can send of scenario/);
  assert.match(errors, /Closed loop, 64 in flight/);

  const { result } = await runScenario(scenario('hello'), { args: ['--workers=2'] });
  const { ceiling, accounts, durationSeconds } = resultSchema.parse(result);
  assert.equal(ceiling!.operationsPerSecond, best);
  const rate = accounts.measure.attempted / durationSeconds;
  assert.ok(Math.abs(ceiling!.usedShare - rate / (2 * best)) < 1e-9);
  assert.ok(ceiling!.busiestSecondShare >= ceiling!.usedShare);
  const other = await runScenario(scenario('another text'));
  assert.equal(resultSchema.parse(other.result).ceiling, undefined);
});

test('levels are long enough to mean something, and calibrations have a place', async () => {
  const io = { environment: {}, write() {}, writeError() {} };
  for (const [args, says] of [
    [['--level=10ms'], /--level/],
    [[], /neither XDG_CACHE_HOME nor HOME/],
  ] as const) {
    await assert.rejects(runProgram(['calibrate', 'x.yaml', ...args], io), (error: unknown) => {
      return error instanceof LoadgenError && says.test(error.message);
    });
  }
  assert.equal(calibrationFile({ HOME: '/home/a' }), '/home/a/.cache/loadgen/calibration.json');
  const both = { HOME: '/home/a', XDG_CACHE_HOME: '/cache' };
  assert.equal(calibrationFile(both), '/cache/loadgen/calibration.json');
  const relative = { HOME: '/home/a', XDG_CACHE_HOME: 'cache' };
  assert.equal(calibrationFile(relative), '/home/a/.cache/loadgen/calibration.json');
});

test('Ctrl+C ends a calibration with 105, and nothing of it is kept', async () => {
  const folder = scenarioFolder(scenario('not to be kept'));
  const run = startLoadgen(['calibrate', 'scenario.yaml', '--level=60s'], { folder });
  run.process.stderr!.on('data', (text: string) => {
    if (text.includes('Closed loop')) run.process.kill('SIGINT');
  });
  const { code, errors } = await run.ended;
  assert.equal(code, 105, errors);
  assert.match(errors, /nothing of it is kept/);
  const { result } = await runScenario(scenario('not to be kept'));
  assert.equal(resultSchema.parse(result).ceiling, undefined);
});

test('one calibration a key: the newest; a broken file has none and is replaced', () => {
  const file = join(temporaryFolder(), 'deep', 'calibration.json');
  const calibration = (shape: string, operationsPerSecond: number): Calibration => ({
    key: calibrationKey('http', shape),
    scenario: 's',
    measuredAt: '2026-11-22T10:00:00Z',
    loadgen: '0.1.0',
    servers: [],
    changes: [],
    operationsPerSecond,
    limitedBy: 'loadgen',
    cpuNsPerOperation: 1,
    highestInFlight: 1,
    levels: [],
    pacing: { ratePerSecond: 1, arrival: 'constant', due: 1, p50Ns: 1, p99Ns: 1, maxNs: 1 },
  });
  mkdirSync(join(file, '..'));
  writeFileSync(file, '{ torn');
  assert.equal(findCalibration(file, calibrationKey('http', 'a')), undefined);
  saveCalibration(file, calibration('a', 1));
  saveCalibration(file, calibration('b', 2));
  saveCalibration(file, calibration('a', 3));
  const found = (shape: string, driver = 'http') =>
    findCalibration(file, calibrationKey(driver, shape))?.operationsPerSecond;
  assert.deepEqual(
    [found('a'), found('b'), found('c'), found('a', 'grpc')],
    [3, 2, undefined, undefined],
  );
  const otherNode = { ...calibrationKey('http', 'a'), node: '1.0.0' };
  assert.equal(findCalibration(file, otherNode), undefined);
});

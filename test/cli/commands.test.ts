import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from '../../src/cli/program.ts';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { errorText } from '../../src/cli/error-text.ts';
import { ScenarioFolder, smallScenario } from '../scenario/support/scenario-file.ts';

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function loadgen(...args: readonly string[]): Promise<Ended> {
  let output = '';
  let errors = '';
  const io = {
    environment: {},
    write: (text: string) => void (output += text),
    writeError: (text: string) => void (errors += text),
  };
  const code = await runProgram(args, io);
  return { code, output, errors };
}

const SCENARIOS = join(import.meta.dirname, '../../scenarios');

test('validate says what it found in a good scenario', async () => {
  const { code, output, errors } = await loadgen('validate', join(SCENARIOS, 'smoke.yaml'));
  assert.equal(code, 0);
  assert.equal(errors, '');
  assert.match(
    output,
    /smoke\.yaml: ok: 1 trial, flow main \(2 steps\), target embeddings \(http\)/,
  );
});

test('validate checks every file, and one that is missing does not hide the others', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('good.yaml', smallScenario());
  folder.write('bad.yaml', smallScenario('x: 1'));
  const path = (name: string) => join(folder.path, name);
  const { code, output, errors } = await loadgen(
    'validate',
    ...['missing.yaml', 'bad.yaml', 'good.yaml'].map(path),
  );
  assert.equal(code, 104);
  assert.match(output, /good\.yaml: ok/);
  assert.match(errors, /missing\.yaml cannot be read: there is no such file/);
  assert.match(errors, /bad\.yaml:5:1: x: unknown key/);
});

test('validate --json prints one object with problems as data', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('bad.yaml', smallScenario('thresolds: []'));
  const { code, output } = await loadgen('validate', '--json', join(folder.path, 'bad.yaml'));
  const { ok, files } = JSON.parse(output) as { ok: boolean; files: { problems: object[] }[] };
  assert.equal(code, 104);
  assert.equal(ok, false);
  assert.deepEqual(files[0]!.problems, [
    {
      severity: 'error',
      file: join(folder.path, 'bad.yaml'),
      line: 5,
      column: 1,
      path: 'thresolds',
      message: 'unknown key',
      hint: 'did you mean thresholds?',
    },
  ]);
});

test('control characters of a scenario do not reach the terminal', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('evil.yaml', smallScenario('"\\e]0;owned\\a": 1\n"\\u202Egnp": 1'));
  const { errors } = await loadgen('validate', join(folder.path, 'evil.yaml'));
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  assert.doesNotMatch(errors, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.match(errors, /owned/);
});

test('plan shows arrivals that are those of the plan, and the same hash every time', async (t) => {
  const folder = new ScenarioFolder(t);
  const text = smallScenario('sweep: { load.rate: [10/s, 20/s] }').replace(
    'constant-vus, vus: 2,',
    'constant-arrival-rate, rate: 5/s, maxInFlight: 7,',
  );
  folder.write('open.yaml', text);
  const plan = async (...more: readonly string[]) => {
    const { output, code } = await loadgen(
      'plan',
      '--json',
      join(folder.path, 'open.yaml'),
      ...more,
    );
    assert.equal(code, 0);
    return JSON.parse(output) as { trials: Record<string, unknown>[] };
  };
  const { trials } = await plan();
  const shown = trials.map(({ trial, axes, arrivals, durationNs, connections }) => ({
    trial,
    axes,
    arrivals,
    durationNs,
    connections,
  }));
  assert.deepEqual(shown, [
    { trial: 1, axes: { 'load.rate': '10/s' }, arrivals: 100, durationNs: 10e9, connections: 7 },
    { trial: 2, axes: { 'load.rate': '20/s' }, arrivals: 200, durationNs: 10e9, connections: 7 },
  ]);
  assert.ok(Number(trials[0]!['series']) > 10 && Number(trials[0]!['memoryBytes']) > 1e6);
  assert.deepEqual((await plan()).trials, trials);
  const poisson = (await plan('--set', 'load.arrival=poisson', '--seed=1')).trials[0]!;
  const other = (await plan('--set', 'load.arrival=poisson', '--seed=2')).trials[0]!;
  assert.notEqual(poisson['planHash'], other['planHash']);
});

test('plan shows of each executor what it asks for', async () => {
  const plan = async (name: string, ...more: readonly string[]) => {
    const file = join(SCENARIOS, 'executors', `${name}.yaml`);
    const { output, errors } = await loadgen('plan', '--json', file, ...more);
    assert.equal(errors, '');
    const [trial] = (JSON.parse(output) as { trials: Record<string, unknown>[] }).trials;
    const { arrivals, iterations, durationNs, vus, vuSeconds, minima } = trial!;
    return { arrivals, iterations, durationNs, vus, vuSeconds, minima };
  };
  const nothing = {
    arrivals: null,
    iterations: null,
    durationNs: null,
    vus: null,
    vuSeconds: undefined,
    minima: undefined,
  };
  const durationNs = 30e9;
  assert.deepEqual(await plan('per-vu-iterations'), { ...nothing, iterations: 200, vus: 10 });
  assert.deepEqual(await plan('ramping-vus'), { ...nothing, durationNs, vus: 10, vuSeconds: 150 });
  const trace = await plan('arrival-trace');
  assert.deepEqual([trace.arrivals, trace.iterations, trace.vus], [24, 24, null]);
  const ends = ['load.duration=null', 'load.minDuration=20s', 'load.minSamples=2000'];
  const withMinima = await plan('constant-vus', ...ends.map((end) => `--set=${end}`));
  const minima = { durationNs: 20e9, iterations: 2000 };
  assert.deepEqual(withMinima, { ...nothing, vus: 10, minima });
  const gamma = await plan('constant-arrival-rate', '--set=load.arrival={ gamma: { cv: 2 } }');
  assert.ok(Math.abs(Number(gamma.arrivals) - 900) < 4 * 2 * 30);
});

test('plan prints a table for people, a line for each trial', async () => {
  const { output } = await loadgen('plan', join(SCENARIOS, 'sweep.yaml'));
  const lines = output.trimEnd().split('\n');
  assert.equal(lines.length, 1 + 12 + 1);
  assert.match(lines[0]!, /^trial\s+axes\s+plan\s+arrivals\s+iterations/);
  assert.match(lines[12]!, /^12\s+params\.tokens=512 level=high\s+[0-9a-f]{12}\s+-\s+20000/);
});

test('drivers lists all drivers, or says everything about one', async () => {
  const all = await loadgen('drivers');
  assert.match(all.output, /^http\s+HTTP/);
  const one = await loadgen('drivers', 'http');
  for (const word of ['request', 'path', 'status', 'connect_time', 'http://']) {
    assert.ok(one.output.includes(word), word);
  }
  const json = JSON.parse((await loadgen('drivers', 'http', '--json')).output) as { name: string };
  assert.equal(json.name, 'http');
  await assert.rejects(loadgen('drivers', 'htpt'), /expected http/);
});

test('options that are wrong are configuration errors that name the option', async () => {
  for (const args of [
    ['--seed', '-1'],
    ['--seed', '1.5'],
    ['--workers', '0'],
    ['--seed', 'x'],
  ]) {
    await assert.rejects(loadgen('run', 'x.yaml', ...args), (error: unknown) => {
      assert.ok(error instanceof LoadgenError);
      assert.equal(error.exitCode, 104);
      return error.message.includes(args[0]!);
    });
  }
  const unknown = await loadgen('validate', '--profle', 'x', 'y.yaml');
  assert.equal(unknown.code, 104);
  assert.match(unknown.errors, /--profile/);
  assert.equal((await loadgen('nosuch')).code, 104);
});

test('help and version end well and go to standard output', async () => {
  const help = await loadgen('--help');
  assert.equal(help.code, 0);
  for (const command of ['run', 'validate', 'plan', 'report', 'drivers']) {
    assert.match(help.output, new RegExp(`^  ${command} `, 'm'));
  }
  assert.match((await loadgen('--version')).output, /^\d+\.\d+\.\d+\n$/);
});

test('an error is one paragraph, and its stack is printed only where it was asked for', () => {
  const error = new LoadgenError('SCENARIO_NOT_FOUND', { file: 'x\u001b[2J', reason: 'gone' });
  assert.equal(
    errorText(error, { debug: false }),
    'loadgen: The scenario file x\ufffd[2J cannot be read: gone.\nCheck the path; paths are relative to the current folder.\n',
  );
  assert.match(errorText(error, { debug: true }), /\n\s+at /);
});

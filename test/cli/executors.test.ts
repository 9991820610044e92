import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { describeLoad } from '../../src/load/executors/describe-load.ts';
import { plannedArrivals } from '../../src/load/executors/phase-plan.ts';
import { modelOf } from '../../src/load/executors/registry.ts';
import type { ActiveStretch } from '../../src/load/pacing/vu-curve.ts';
import { MEASURE } from '../../src/measure/metrics/outcome.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { ResolvedTrial } from '../../src/scenario/resolved.ts';
import { resolveScenario } from '../../src/scenario/resolve-scenario.ts';
import { startReferenceProcess, type ReferenceProcess } from '../support/reference-process.ts';
import {
  assertEnded,
  startLoadgen,
  temporaryFolder,
  type JsonSummary,
} from '../support/run-loadgen.ts';
import { readSamples, type Sample } from '../support/sample-log.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios/executors');
const MS = 1e6;

let server: ReferenceProcess;
before(async () => (server = await startReferenceProcess()));
after(() => server.stop());

interface Run {
  readonly result: Result;
  readonly samples: readonly Sample[];
  readonly t0Ns: number;
}

/** The short form of one of k6's examples, against the reference server. */
function runShort(name: string, args: readonly string[] = []): Promise<Run> {
  return run(name, ['--profile=short', ...args]);
}

async function run(name: string, args: readonly string[]): Promise<Run> {
  const folder = temporaryFolder();
  cpSync(join(SCENARIOS, `${name}.yaml`), join(folder, 'scenario.yaml'));
  const command = ['run', 'scenario.yaml', `--target=web=${server.url}`];
  const options = ['--samples', '--json', '--quiet', ...args];
  const ended = await startLoadgen([...command, ...options], { folder }).ended;
  assertEnded(ended, 0);
  const { output } = ended;
  const trial = join(folder, (JSON.parse(output) as JsonSummary).trials[0]!.folder);
  const result = JSON.parse(readFileSync(join(trial, 'result.json'), 'utf8')) as Result;
  const t0Ns = result.phases.find(({ phase }) => phase === 'measure')!.startNs;
  return { result, samples: readSamples(trial), t0Ns };
}

/** Two processes that do not talk, each with its half. */
function runShards(name: string, args: readonly string[] = []): Promise<Run[]> {
  return Promise.all(['1/2', '2/2'].map((place) => run(name, [`--shard=${place}`, ...args])));
}

function sortedIterations(samples: readonly Sample[]): number[] {
  return samples.map(({ iteration }) => iteration).toSorted((one, other) => one - other);
}

/** A scenario of one trial. */
async function example(name: string): Promise<{ readonly trials: readonly [ResolvedTrial] }> {
  const { scenario } = await resolveScenario({
    file: join(SCENARIOS, `${name}.yaml`),
    environment: {},
    surroundings: { recipes: ['reference'], reportFormats: [], descriptorLimit: undefined },
  });
  return { trials: [scenario.trials[0]!] };
}

const FIRST_200 = Array.from({ length: 200 }, (_, number) => number);

test('the examples of the k6 documentation ask for what they ask for there', async () => {
  const iterations: Record<string, number | undefined> = {};
  const vuSeconds: Record<string, number> = {};
  for (const name of EXAMPLES) {
    const [{ flows, seed }] = (await example(name)).trials;
    const [{ load, name: flow }] = flows as [(typeof flows)[0]];
    iterations[name] = describeLoad(load, seed, flow).iterations;
    const model = modelOf(load);
    if (model.kind === 'closed' && model.ramp) vuSeconds[name] = model.ramp.curve.vuSeconds;
  }
  assert.deepEqual(iterations, {
    'shared-iterations': 200,
    'per-vu-iterations': 200,
    'constant-vus': undefined,
    'ramping-vus': undefined,
    'constant-arrival-rate': 900,
    // 300 + 900 + 2400 + 660.
    'ramping-arrival-rate': 4260,
  });
  assert.deepEqual(vuSeconds, { 'ramping-vus': 150 });
});

const EXAMPLES = [
  'shared-iterations',
  'per-vu-iterations',
  'constant-vus',
  'ramping-vus',
  'constant-arrival-rate',
  'ramping-arrival-rate',
];

test('shared-iterations: 200 iterations over all VUs', async () => {
  const { result, samples } = await runShort('shared-iterations');
  assert.equal(result.accounts.measure.operations['ok'], 200);
  assert.deepEqual(sortedIterations(samples), FIRST_200);
});

for (const workers of [1, 2, 7]) {
  test(`per-vu-iterations: 20 of each of 10 VUs, with ${workers} workers`, async () => {
    const { samples } = await runShort('per-vu-iterations', [`--workers=${workers}`]);
    assert.deepEqual(sortedIterations(samples), FIRST_200);
    // VU k runs k, 10 + k, 20 + k and so on, each intended a think time after the one before.
    for (let vu = 0; vu < 10; vu++) {
      const own = samples
        .filter(({ iteration }) => iteration % 10 === vu)
        .toSorted((one, other) => one.iteration - other.iteration);
      for (const [nth, { intended }] of own.entries()) {
        if (nth > 0) assertNear(intended, own[nth - 1]!.done + 50 * MS);
      }
    }
  });
}

test('constant-vus: each VU goes on, a think time after its last answer, until T1', async () => {
  const ended = await runShort('constant-vus');
  const whole = { fromNs: 0, untilNs: 2000 * MS };
  assertChains(
    ended,
    Array.from({ length: 10 }, () => whole),
    100 * MS,
  );
  assert.ok(ended.samples.length > 150, `${ended.samples.length} iterations`);
});

test('constant-arrival-rate with minima: the plan ends when both hold', async () => {
  const { result, samples, t0Ns } = await run('constant-arrival-rate', [
    '--set=load.duration=null',
    '--set=load.rate=200/s',
    '--set=load.minDuration=300ms',
    '--set=load.minSamples=150',
  ]);
  const { due, operations, unsent } = result.accounts.measure;
  assert.ok(operations['ok']! >= 150);
  // The whole plan has 300 arrivals, of which 150 take 750 ms, and T1 is told 200 ms ahead.
  assert.ok(due <= 300);
  assert.ok(result.durationSeconds >= 0.75 && result.durationSeconds <= 1.5);
  const t1Ns = t0Ns + result.durationSeconds * 1e9;
  assert.ok(samples.every(({ intended }) => intended < t1Ns + 2));
  assert.equal(
    Object.values(unsent).reduce((sum, count) => sum + count, 0),
    0,
  );
});

test('constant-vus with minima: for as long and for as many as both say', async () => {
  const noPause = ['--set=load.duration=null', '--set=steps.pause.think=20ms'];
  const minima = (duration: string, samples: number) => [
    ...noPause,
    `--set=load.minDuration=${duration}`,
    `--set=load.minSamples=${samples}`,
  ];
  const [bySamples, byTime] = [
    await run('constant-vus', minima('200ms', 400)),
    await run('constant-vus', minima('1500ms', 20)),
  ];
  assert.ok(bySamples.result.accounts.measure.operations['ok']! >= 400);
  // 10 VUs need 40 iterations each, 20 ms at least, and T1 is told 200 ms ahead.
  assert.ok(bySamples.result.durationSeconds >= 1);
  assert.equal(byTime.result.durationSeconds, 1.5);
  for (const { result, samples, t0Ns } of [bySamples, byTime]) {
    const t1Ns = t0Ns + result.durationSeconds * 1e9;
    assert.ok(samples.every(({ intended }) => intended < t1Ns + 2));
    const within = samples.filter(({ done }) => done < t1Ns).length;
    const { operationsPerSecond } = result.throughput;
    assert.ok(Math.abs(operationsPerSecond * result.durationSeconds - within) <= 1);
    const whole = { fromNs: 0, untilNs: t1Ns - t0Ns };
    assertChains(
      { result, samples, t0Ns },
      Array.from({ length: 10 }, () => whole),
      20 * MS,
    );
  }
});

/**
 * When each of the ten VUs of the short ramp is active, by the line itself, up in 2 s and down in
 * 1 s: VU k while the line rounds to more than k, from where it crosses k + ½ to where it does again.
 */
const SHORT_RAMP: readonly ActiveStretch[] = Array.from({ length: 10 }, (_, vu) => ({
  fromNs: ((vu + 0.5) / 10) * 2000 * MS,
  untilNs: 2000 * MS + (1 - (vu + 0.5) / 10) * 1000 * MS,
}));

test('ramping-vus: each VU goes on while the ramp has it, and nothing starts outside', async () => {
  const ended = await runShort('ramping-vus', ['--workers=2']);
  // The triangle under the line, 10 VUs high and 3 s wide.
  const vuNs = SHORT_RAMP.reduce((sum, { fromNs, untilNs }) => sum + untilNs - fromNs, 0);
  assertNear(vuNs, 15_000 * MS);
  assertChains(ended, SHORT_RAMP, 100 * MS);
  assert.ok(ended.samples.length > 100, `${ended.samples.length} iterations`);
});

test('constant-arrival-rate: 30 a second for two seconds are 60, at their times', async () => {
  const { samples, t0Ns } = await runShort('constant-arrival-rate', ['--workers=2']);
  assert.deepEqual(sortedIterations(samples), FIRST_200.slice(0, 60));
  assert.deepEqual(perSecond(samples, t0Ns), [30, 30]);
  for (const { iteration, intended } of samples) {
    assertNear(intended - t0Ns, (iteration / 30) * 1e9);
  }
});

/** Rates in iterations a second, lengths in seconds. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** The area under straight lines one after the other: trapezia, as in the school book. */
function areaUntil(lines: readonly Line[], seconds: number): number {
  let left = seconds;
  let area = 0;
  for (const { from, to, seconds: length } of lines) {
    const within = Math.min(left, length);
    const end = from + ((to - from) * within) / length;
    area += ((from + end) / 2) * within;
    left -= within;
  }
  return area;
}

function documentedRamp([first, up, held, down]: readonly [
  number,
  number,
  number,
  number,
]): Line[] {
  return [
    { from: 5, to: 5, seconds: first },
    { from: 5, to: 10, seconds: up },
    { from: 10, to: 10, seconds: held },
    { from: 10, to: 1, seconds: down },
  ];
}

test('ramping-arrival-rate: each arrival comes where the area under the curve is its number', async () => {
  const { samples, t0Ns } = await runShort('ramping-arrival-rate');
  // 2.5 + 7.5 + 20 + 5.5 arrivals; the 36th would come with the area 36.
  assert.deepEqual(sortedIterations(samples), FIRST_200.slice(0, 36));
  const lines = documentedRamp([0.5, 1, 2, 1]);
  for (const { iteration, intended } of samples) {
    // Instants are whole ns, in which at most 1e-8 of an arrival falls.
    const area = areaUntil(lines, (intended - t0Ns) / 1e9);
    assert.ok(Math.abs(area - iteration) < 1e-6, `arrival ${iteration} came at area ${area}`);
  }
  assert.deepEqual(perSecond(samples, t0Ns), arrivalsPerSecond(lines));
});

test('the whole nine minutes of that ramp: 4,260 arrivals, each where its area is', async () => {
  const [{ flows, seed }] = (await example('ramping-arrival-rate')).trials;
  const { load, name: flowName } = flows[0]!;
  const model = modelOf(load);
  assert.ok(model.kind === 'open');
  const plan = plannedArrivals(model, { seed, flowName, phase: MEASURE });
  const lines = documentedRamp([60, 120, 240, 120]);
  const counts = Array.from({ length: 540 }, () => 0);
  let events = 0;
  for (const cursor = plan.cursor(); cursor.offsetNs !== Infinity; cursor.advance()) {
    const area = areaUntil(lines, cursor.offsetNs / 1e9);
    assert.ok(Math.abs(area - events++) < 1e-6);
    counts[Math.floor(cursor.offsetNs / 1e9)]!++;
  }
  assert.equal(events, 4260);
  assert.deepEqual(counts, arrivalsPerSecond(lines));
});

/** Arrival i comes with the area i, the first at once. */
function arrivalsPerSecond(lines: readonly Line[]): number[] {
  const whole = lines.reduce((sum, { seconds }) => sum + seconds, 0);
  const before = (second: number): number => {
    return Math.ceil(areaUntil(lines, Math.min(second, whole)) - 1e-9);
  };
  return Array.from(
    { length: Math.ceil(whole) },
    (_, second) => before(second + 1) - before(second),
  );
}

/** Iterations that were intended in each second since T0. */
function perSecond(samples: readonly Sample[], t0Ns: number): number[] {
  const counts: number[] = [];
  for (const { intended } of samples) {
    // Half a µs, since instants of results are told in whole ns.
    const second = Math.floor((intended - t0Ns + 500) / 1e9);
    while (counts.length <= second) counts.push(0);
    counts[second]!++;
  }
  return counts;
}

test('arrival-trace: each row at its time, warped, and with a share whole sessions of it', async () => {
  const { source } = (await example('arrival-trace')).trials[0].data['trace']!;
  assert.ok(source.kind === 'inline');
  const seconds = source.rows.map(({ at }) => Number(String(at).slice('2026-05-04 09:30:'.length)));
  const users = source.rows.map(({ user }) => user);
  const whole = await run('arrival-trace', ['--workers=2']);
  assert.deepEqual(sortedIterations(whole.samples), [...seconds.keys()]);
  for (const { iteration, intended } of whole.samples) {
    const wantedNs = ((seconds[iteration]! - seconds[0]!) / 2) * 1e9;
    // The sums of decimal fractions above are good to a µs.
    assert.ok(Math.abs(intended - whole.t0Ns - wantedNs) < 1000, `${intended - whole.t0Ns}`);
  }
  const half = await run('arrival-trace', ['--profile=half']);
  const kept = sortedIterations(half.samples);
  const keptUsers = new Set(kept.map((row) => users[row]));
  assert.ok(keptUsers.size > 0 && keptUsers.size < new Set(users).size);
  assert.deepEqual(
    kept,
    [...users.keys()].filter((row) => keptUsers.has(users[row])),
  );
});

test('two shards run together what one process runs alone', async () => {
  const own = await runShards('per-vu-iterations', ['--profile=short']);
  assert.deepEqual(sortedIterations(own.flatMap(({ samples }) => samples)), FIRST_200);
  for (const [shard, { samples }] of own.entries()) {
    assert.ok(samples.every(({ iteration }) => (iteration % 10) % 2 === shard));
  }
  const ramps = await runShards('ramping-vus', ['--profile=short']);
  for (const [shard, ramp] of ramps.entries()) {
    const stretches = SHORT_RAMP.filter((_, vu) => vu % 2 === shard);
    assertChains(ramp, stretches, 100 * MS);
  }
  const traces = await runShards('arrival-trace', ['--profile=half']);
  const alone = await run('arrival-trace', ['--profile=half']);
  assert.deepEqual(
    sortedIterations(traces.flatMap(({ samples }) => samples)),
    sortedIterations(alone.samples),
  );
  const hashes = [...traces, alone].map(({ result }) => result.planHash);
  assert.equal(new Set(hashes).size, 1, 'one plan');
});

/** Follows each VU from the start of its stretch to its end; together they are all there is. */
function assertChains(
  { samples, t0Ns }: Run,
  stretches: readonly ActiveStretch[],
  thinkNs: number,
): void {
  const left = samples.toSorted((one, other) => one.intended - other.intended);
  for (const { fromNs, untilNs } of stretches) {
    let nextNs = t0Ns + fromNs;
    while (nextNs < t0Ns + untilNs - 2) {
      const at = left.findIndex(({ intended }) => Math.abs(intended - nextNs) <= 2);
      assert.ok(at >= 0, `nobody began at ${(nextNs - t0Ns) / MS} ms`);
      nextNs = left.splice(at, 1)[0]!.done + thinkNs;
    }
  }
  assert.deepEqual(left, []);
}

/** Instants of a result are told in whole ns. */
function assertNear(actualNs: number, expectedNs: number): void {
  assert.ok(Math.abs(actualNs - expectedNs) <= 2, `${actualNs}, expected ${expectedNs}`);
}

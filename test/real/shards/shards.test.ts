/**
 * Eight shards as eight processes, each in a network namespace of its own as on a machine of its
 * own, against one server in a ninth. Judged from outside: by what an unsharded run sends, by the
 * raw logs, which are read and counted with no code of loadgen, and by the server's own log.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assertEnded, scenarioFolder, temporaryFolder } from '../../support/run-loadgen.ts';
import { inNamespace, makeStar, whyNoNamespaces, type Star } from './namespaces.ts';
import { countCells, readRawLogs, VALUE_OF, type Cells, type RawSample } from './raw-log.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHARDS = 8;
const PORT = 8090;
/** Eight launchers share the cores of this machine while they load. */
const START_IN_MS = 45_000;
const KILLED = 5;

const skip = whyNoNamespaces();

const scenarioOf = (star: Star, duration: string): string => `
version: 1
seed: 11
targets: { server: { driver: http, url: "http://${star.serverHost}:${PORT}" } }
steps: [{ name: get, request: { path: / } }]
load:
  executor: constant-arrival-rate
  rate: 200/s
  duration: ${duration}
  arrival: poisson
  warmup: { duration: 2s }
`;

test(
  'eight shards send what one process would, and their merged histograms are a recount of the raw logs',
  { skip },
  async () => {
    await using star = await makeStar(SHARDS);
    const alone = await loggedBy(star, async () => {
      const folder = scenarioFolder(scenarioOf(star, '8s'));
      assertEnded(await startRun(star, folder, 0, []).ended, 0);
      return readTrial(trialFolders(folder)[0]!);
    });
    const together = await loggedBy(star, async () => {
      const folder = scenarioFolder(scenarioOf(star, '8s'));
      const ends = await Promise.all(startShards(star, folder).map(({ ended }) => ended));
      for (const end of ends) assertEnded(end, 0);
      return { folder, shards: trialFolders(folder).map(readTrial) };
    });
    const { folder, shards } = together.value;
    assert.equal(shards.length, SHARDS);
    assert.deepEqual(
      shards.map(({ result }) => result.samples?.dropped),
      shards.map(() => 0),
    );
    for (const { samples } of shards) assert.ok(samples.length > 100, 'each has its part');

    const samples = shards.flatMap((shard) => shard.samples);
    assertSameEvents(shards.flatMap(eventsOf), eventsOf(alone.value));
    assert.equal(alone.requests, alone.value.samples.length, 'as the server counts them');
    assert.equal(together.requests, samples.length, 'as the server counts them');

    const merged = await merge(folder);
    assertEnded(merged, 0);
    assert.equal(merged.result.state, 'complete');
    const [compared, inHistograms] = [recount(merged.result, samples), samples.length];
    assert.ok(compared >= 6 * inHistograms, `${compared} values of ${inHistograms} operations`);
    assert.equal(merged.result.accounts.measure.due, measured(samples).length);
  },
);

test(
  'of eight shards the one that is killed is named, and what the others did is whole',
  { skip },
  async () => {
    await using star = await makeStar(SHARDS);
    const folder = scenarioFolder(scenarioOf(star, '12s'));
    await loggedBy(star, async () => {
      const runs = startShards(star, folder);
      await untilMeasured(folder, KILLED, 3);
      runs[KILLED - 1]!.process.kill('SIGKILL');
      const ends = await Promise.all(runs.map(({ ended }) => ended));
      assert.equal(ends[KILLED - 1]!.code, null);
      for (const end of ends.toSpliced(KILLED - 1, 1)) assertEnded(end, 0);
    });
    const trials = trialFolders(folder);
    const placeOf = (trial: string): number => readJson<Result>(trial, 'meta.json').shard!.index;
    const killed = trials.find((trial) => placeOf(trial) === KILLED)!;
    const rest = trials.filter((trial) => trial !== killed).map(readTrial);
    assert.equal(rest.length, SHARDS - 1);
    for (const { result, samples } of rest) recount(result, samples);

    const { code, errors, result } = await merge(folder);
    assert.equal(code, 90, errors);
    assert.equal(result.state, 'incomplete');
    const states = result.shards!.map(({ state }) => state);
    assert.equal(states[KILLED - 1], 'incomplete');
    for (const state of states.toSpliced(KILLED - 1, 1)) assert.match(state, /^(complete|late)$/);
    assert.equal(result.verdict.state, 'INVALID');
    assert.match(result.verdict.reasons.join(), /shard 5\/8 did not come to its end/);

    const { due, started, unsent } = result.accounts.measure;
    assert.equal(due, started + unsent['worker_lost']!);
    assert.ok(unsent['worker_lost']! > 0);
    const alive = measured(rest.flatMap(({ samples }) => samples));
    assertOfTheKilled(result, alive, secondsOf(killed));
  },
);

/** What the merged histogram holds beyond the shards that lived is what the killed one had said. */
function assertOfTheKilled(
  result: Result,
  alive: readonly RawSample[],
  rows: readonly Row[],
): void {
  const answered = rows.reduce((sum, { operations }) => sum + operations['ok']!, 0);
  assert.ok(answered > 20, `${answered} answers in its seconds`);
  const merged = seriesOf(result, 'service_time', 'ok').histogram!;
  const ofTheRest = cellsOf(alive, VALUE_OF['service_time']!, merged.resolution);
  const beyond = new Map(merged.cells);
  for (const [cell, count] of ofTheRest) beyond.set(cell, (beyond.get(cell) ?? 0) - count);
  const counts = [...beyond.values()];
  assert.ok(
    counts.every((count) => count >= 0),
    'nothing of the others is missing',
  );
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    answered,
  );
}

interface RunningShard {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>;
}

function startShards(star: Star, folder: string): RunningShard[] {
  const startAt = new Date(Date.now() + START_IN_MS).toISOString();
  return star.clients.map((_, index) => {
    const place = ['--shard', `${index + 1}/${SHARDS}`, '--start-at', startAt];
    return startRun(star, folder, index, place);
  });
}

function startRun(star: Star, folder: string, client: number, place: readonly string[]) {
  const flags = ['--samples', '--workers', '1', '--quiet', ...place];
  const command = loadgen('run', 'scenario.yaml', ...flags);
  return startIn(inNamespace(star.clients[client]!, command), folder);
}

/** Merges what is in the folder, which needs no network. */
async function merge(folder: string) {
  const output = join(folder, 'merged');
  const end = await startIn(loadgen('merge', ...trialFolders(folder), '--output', output), folder)
    .ended;
  assert.ok(existsSync(output), end.errors);
  return { ...end, result: readJson<Result>(join(output, 'trial-001'), 'result.json') };
}

function loadgen(...args: readonly string[]): readonly string[] {
  return [process.execPath, join(ROOT, 'bin/loadgen.js'), ...args];
}

function startIn([program, ...args]: readonly string[], folder: string): RunningShard {
  const child = spawn(program!, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output, errors }));
  return { process: child, ended };
}

/** Does something while a server stands in its namespace; counts what its log then holds. */
async function loggedBy<Value>(star: Star, work: () => Promise<Value>) {
  const log = join(temporaryFolder(), 'log.csv');
  const flags = ['--host', star.serverHost, '--port', String(PORT), '--log', log];
  const main = join(ROOT, 'servers/reference/main.ts');
  const [program, ...args] = inNamespace(star.server, [process.execPath, main, ...flags]);
  const server = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const lines = createInterface(server.stdout);
  const [said] = await Promise.race([once(lines, 'line'), ended.then(() => [''])]);
  assert.match(said as string, /listening on/);
  try {
    const value = await work();
    server.kill('SIGTERM');
    await ended;
    const rows = readFileSync(log, 'utf8').trim().split('\n').slice(1);
    return { value, requests: rows.length };
  } finally {
    server.kill('SIGKILL');
  }
}

/** What these tests read of `result.json`, by the names in its schema. */
interface Result {
  readonly state: string;
  readonly shard?: { readonly index: number };
  readonly shards?: readonly { readonly state: string }[];
  readonly phases: readonly { readonly phase: string; readonly startNs: number }[];
  readonly samples?: { readonly dropped: number };
  readonly verdict: { readonly state: string; readonly reasons: readonly string[] };
  readonly accounts: {
    readonly measure: {
      readonly due: number;
      readonly started: number;
      readonly unsent: Readonly<Record<string, number>>;
    };
  };
  readonly series: readonly Series[];
}

interface Series {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly histogram?: {
    readonly resolution: 'fine' | 'standard';
    readonly count: number;
    readonly min: number;
    readonly max: number;
    readonly sum: number;
    readonly cells: readonly (readonly [cell: number, count: number])[];
  };
}

interface Row {
  readonly phase: string;
  readonly operations: Readonly<Record<string, number>>;
}

interface Trial {
  readonly result: Result;
  readonly samples: readonly RawSample[];
}

function readTrial(folder: string): Trial {
  return { result: readJson<Result>(folder, 'result.json'), samples: readRawLogs(folder) };
}

function readJson<Document>(folder: string, file: string): Document {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Document;
}

function trialFolders(folder: string): string[] {
  const trials = globSync('results/*/*/trial-001', { cwd: folder }).toSorted();
  return trials.map((trial) => join(folder, trial));
}

/** The seconds of the measured phase that a shard had written. */
function secondsOf(trial: string): Row[] {
  const file = join(trial, 'intervals.ndjson');
  if (!existsSync(file)) return [];
  // A process that was killed, or still writes, may leave half a line.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Row).filter(({ phase }) => phase === 'measure');
}

async function untilMeasured(folder: string, shard: number, seconds: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 2 * START_IN_MS; waitedMs += 50) {
    const own = trialFolders(folder).find((trial) => {
      if (!existsSync(join(trial, 'meta.json'))) return false;
      return readJson<Result>(trial, 'meta.json').shard?.index === shard;
    });
    if (own !== undefined && secondsOf(own).length >= seconds) return;
    await pause(50);
  }
  assert.fail(`shard ${shard} did not measure ${seconds} s`);
}

interface PlannedEvent {
  readonly name: string;
  /** Since the beginning of its phase. */
  readonly offsetNs: number;
}

function eventsOf({ result, samples }: Trial): PlannedEvent[] {
  return samples.map(({ phase, iteration, intended }) => {
    const { startNs } = result.phases.find((one) => one.phase === phase)!;
    return { name: `${phase} ${iteration}`, offsetNs: intended - startNs };
  });
}

/** Starts of phases stand in results in whole ns, so that an offset may be told one ns off. */
function assertSameEvents(sent: readonly PlannedEvent[], planned: readonly PlannedEvent[]): void {
  assert.equal(sent.length, planned.length);
  const offsets = new Map(sent.map(({ name, offsetNs }) => [name, offsetNs]));
  assert.equal(offsets.size, sent.length, 'no event is sent twice');
  for (const { name, offsetNs } of planned) {
    const sentNs = offsets.get(name);
    assert.ok(sentNs !== undefined, `${name} was not sent`);
    assert.ok(Math.abs(sentNs - offsetNs) <= 2, `${name} at ${sentNs}, not ${offsetNs}`);
  }
}

function measured(samples: readonly RawSample[]): RawSample[] {
  return samples.filter(({ phase }) => phase === 'measure');
}

/** Holds each histogram that follows from stamps against the raw log; how many values those were. */
function recount(result: Result, samples: readonly RawSample[]): number {
  let compared = 0;
  for (const { metric, tags, histogram } of result.series) {
    const valueOf = VALUE_OF[metric === 'slot_wait' ? `slot_wait:${tags['wait']}` : metric];
    if (histogram === undefined || valueOf === undefined) continue;
    const own = samples.filter(({ phase, outcome }) => {
      return phase === tags['phase'] && isOutcome(outcome, tags['outcome']);
    });
    const where = `${metric} ${JSON.stringify(tags)}`;
    const values = own.map(valueOf).filter((value) => !Number.isNaN(value));
    const sorted = (cells: Iterable<readonly [number, number]>) =>
      [...cells].toSorted(([a], [b]) => a - b);
    assert.equal(histogram.count, values.length, where);
    assert.deepEqual(
      sorted(histogram.cells),
      sorted(countCells(values, histogram.resolution)),
      where,
    );
    if (values.length > 0) assertExtremes(histogram, values, where);
    compared += values.length;
  }
  return compared;
}

function assertExtremes(
  histogram: NonNullable<Series['histogram']>,
  values: number[],
  where: string,
) {
  const whole = values.map((value) => Math.round(value));
  assert.equal(histogram.min, Math.min(...whole), where);
  assert.equal(histogram.max, Math.max(...whole), where);
  assert.equal(
    histogram.sum,
    whole.reduce((sum, value) => sum + value, 0),
    where,
  );
}

/** `failed` are all but these. */
const NOT_FAILED = ['ok', 'cancelled', 'interrupted'];

function isOutcome(outcome: string, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === outcome) return true;
  return wanted === 'failed' && !NOT_FAILED.includes(outcome);
}

function seriesOf({ series }: Result, metric: string, outcome: string): Series {
  return series.find((one) => {
    const { phase, outcome: its } = one.tags;
    return one.metric === metric && phase === 'measure' && its === outcome;
  })!;
}

function cellsOf(
  samples: readonly RawSample[],
  valueOf: (sample: RawSample) => number,
  resolution: 'fine' | 'standard',
): Cells {
  const ok = samples.filter(({ outcome }) => outcome === 'ok');
  return countCells(ok.map(valueOf), resolution);
}

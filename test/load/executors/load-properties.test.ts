import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Load } from '../../../src/load/executors/load-schema.ts';
import { modelOf } from '../../../src/load/executors/registry.ts';
import { heldArrivals, plannedArrivals } from '../../../src/load/executors/phase-plan.ts';
import { runLoad } from '../../../src/load/executors/run-load.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { load, MS, ScriptedPort, SECOND, SharedRun, unsentOf } from './scripted-port.ts';

const rate = fc.integer({ min: 5, max: 300 }).map((perSecond) => `${perSecond}/s`);
const span = fc.integer({ min: 20, max: 600 }).map((ms) => `${ms}ms`);
const lateKeys = fc.oneof(
  fc.constant({ whenLate: 'queue' }),
  fc.constant({ whenLate: 'drop' }),
  fc.record({ whenLate: fc.constant('queue'), maxLateness: span }),
);
const openKeys = fc
  .tuple(
    fc.record({
      maxInFlight: fc.integer({ min: 1, max: 20 }),
      arrival: fc.constantFrom('constant', 'poisson', { gamma: { cv: 2 } }),
    }),
    lateKeys,
  )
  .map(([keys, late]) => ({ ...keys, ...late }));
const stages = fc.array(fc.record({ to: rate, duration: span }), { minLength: 1, maxLength: 3 });
const constantRate = fc.record({
  executor: fc.constant('constant-arrival-rate'),
  rate,
  duration: span,
});
const rampingRate = fc.record({
  executor: fc.constant('ramping-arrival-rate'),
  startRate: rate,
  stages,
});
const vus = fc.integer({ min: 1, max: 12 });
const constantVus = fc.record({ executor: fc.constant('constant-vus'), vus, duration: span });
const rampingVus = fc.record({
  executor: fc.constant('ramping-vus'),
  startVUs: vus,
  stages: fc.array(fc.record({ to: fc.integer({ min: 0, max: 12 }), duration: span }), {
    minLength: 1,
    maxLength: 3,
  }),
  gracefulRampDown: span,
});
const anyExecutor = fc.oneof(constantRate, rampingRate, constantVus, rampingVus);

function whole(
  shape: Record<string, unknown>,
  open: Record<string, unknown>,
): Record<string, unknown> {
  return String(shape['executor']).endsWith('-vus') ? shape : { ...shape, ...open };
}

const scene = fc.record({
  source: fc
    .tuple(anyExecutor, openKeys, fc.option(fc.tuple(anyExecutor, openKeys), { nil: undefined }))
    .map(([shape, open, warm]) => ({
      ...whole(shape, open),
      ...(warm && { warmup: whole(warm[0], warm[1]) }),
    })),
  workers: fc.integer({ min: 1, max: 7 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  meanServiceMs: fc.constantFrom(0, 1, 10, 100),
  meanThinkMs: fc.constantFrom(0, 0, 20, 300),
  pacerLateMs: fc.constantFrom(0, 0, 4),
  stopAfterMs: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
  interruptAfterMs: fc.integer({ min: 200, max: 2500 }),
});

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

interface Run {
  readonly loaded: Load;
  readonly shared: SharedRun;
  readonly clock: FakeClock;
  readonly ports: readonly ScriptedPort[];
}

test('whatever happens, every arrival is due once and started or unsent once', async () => {
  await fc.assert(fc.asyncProperty(scene, playScene), { numRuns: 200, seed: 20260101 });
});

async function playScene(drawn: Scene): Promise<void> {
  const run = prepare(drawn);
  const { clock, shared, ports, loaded } = run;
  let over = 0;
  const ended = Promise.all(ports.map((port) => runLoad(loaded, port).then(() => over++)));
  const { stopAfterMs, interruptAfterMs } = drawn;
  for (let atMs = 0; atMs <= 3000; atMs += 37) {
    await clock.advanceTo(SECOND + atMs * MS);
    checkNow(run);
    // The stop is published a little ahead or at once, as it falls.
    if (stopAfterMs !== undefined && atMs >= stopAfterMs - 20 && shared.stopNs === Infinity) {
      shared.stopNs = SECOND + Math.max(atMs, stopAfterMs) * MS + 1;
    }
    if (atMs < interruptAfterMs) continue;
    // As the runner does it: a stop goes ahead of the interrupt.
    shared.stopNs = Math.min(shared.stopNs, clock.nowNs() + 1);
    for (const port of ports) port.interrupt();
  }
  assert.equal(over, ports.length, 'every worker has ended');
  await ended;
  checkEnd(run);
  assert.equal(clock.pendingTimers, 0);
}

function prepare(drawn: Scene): Run {
  const loaded = load(drawn.source);
  const clock = new FakeClock({ nowNs: 0.9 * SECOND });
  const shared = new SharedRun();
  shared.startNs = SECOND;
  const measureNs = SECOND + (loaded.warmup?.durationNs ?? 0);
  // T0 is published shortly before it comes.
  clock.at(measureNs - 100 * MS, () => {
    const model = modelOf(loaded);
    const durationNs = model.kind === 'open' ? model.curve.durationNs : model.durationNs;
    shared.measureNs = measureNs;
    shared.endNs = measureNs + durationNs;
  });
  const ports = Array.from({ length: drawn.workers }, (_, index) => {
    return new ScriptedPort({
      load: loaded,
      clock,
      run: shared,
      seed: drawn.seed,
      share: { index, count: drawn.workers },
      pacerLateNs: drawn.pacerLateMs * MS,
      serviceNs: ({ iteration }) => scatter(iteration, drawn.meanServiceMs) * MS,
      thinkNs: ({ iteration }) => thinkMs(iteration, drawn) * MS,
    });
  });
  return { loaded, shared, clock, ports };
}

/** At times below zero: an answer is stamped a little before it is handled. */
function thinkMs(iteration: number, { meanServiceMs, meanThinkMs }: Scene): number {
  if (iteration % 3 === 0 && scatter(iteration, meanServiceMs) > 1) return -0.4;
  return 0.5 + scatter(iteration + 1, meanThinkMs);
}

/** Some number around `mean` that depends on `index` alone. */
function scatter(index: number, mean: number): number {
  return ((index * 2654435761) % 97) * (mean / 48);
}

/** At any time: the identity of each worker, and what came due against the plan. */
function checkNow({ loaded, shared, clock, ports }: Run): void {
  const nowNs = clock.nowNs();
  for (const port of ports) assert.equal(port.recorder.broken, undefined);
  for (const phase of [WARMUP, MEASURE]) {
    const planned = plannedOffsets(loaded, shared, phase, ports[0]!.seed);
    if (planned === undefined) continue;
    const passed = planned.filter((ns) => shared.phaseStart(phase) + ns <= nowNs);
    const due = sum(ports.map(({ recorder }) => recorder.phases[phase as 0].due));
    // A late pacer, or an interrupt between two looks, leaves a few to be found at the next look.
    assert.ok(due <= passed.length, `${due} came due, planned were ${passed.length}`);
    const longAgo = passed.filter((ns) => shared.phaseStart(phase) + ns <= nowNs - 10 * MS);
    if (!shared.interrupted) assert.ok(due >= longAgo.length, `${due} of ${longAgo.length}`);
  }
}

/** At the end: nothing waits or runs, no arrival started twice, and all that was due is accounted. */
function checkEnd({ loaded, shared, ports }: Run): void {
  for (const phase of [WARMUP, MEASURE]) {
    const accounts = ports.map(({ recorder }) => recorder.phases[phase as 0]);
    for (const { waiting, started, ended } of accounts) {
      assert.deepEqual([waiting, started - ended], [0, 0]);
    }
    const seen = ports.flatMap((port) => port.seen.filter((one) => one.phase === phase));
    for (const { intendedNs, acquiredNs } of seen) {
      assert.ok(acquiredNs < shared.stopNs, 'nothing starts after a stop');
      assert.equal(intendedNs < shared.measureNs, phase === WARMUP);
      assert.ok(intendedNs < shared.endNs);
    }
    const numbers = new Set(seen.map(({ iteration }) => iteration));
    assert.equal(numbers.size, seen.length, 'every iteration number at most once');
    const planned = plannedOffsets(loaded, shared, phase, ports[0]!.seed);
    if (planned === undefined) continue;
    for (const { iteration, intendedNs } of seen) {
      assert.equal(intendedNs, shared.phaseStart(phase) + planned[iteration]!);
    }
    const accounted = sum(accounts.map((account) => account.started + unsentOf(account)));
    assert.equal(accounted, planned.length);
  }
}

/** The arrivals of an open phase before its end and before a stop, from the plan itself. */
function plannedOffsets(
  loaded: Load,
  shared: SharedRun,
  phase: number,
  seed: number,
): number[] | undefined {
  const phaseLoad = phase === WARMUP ? loaded.warmup?.load : loaded;
  const model = phaseLoad && modelOf(phaseLoad);
  if (model?.kind !== 'open') return undefined;
  const owner = { seed, flowName: 'main', phase };
  const plan = phase === WARMUP ? heldArrivals(model, owner) : plannedArrivals(model, owner);
  const startNs = shared.phaseStart(phase);
  const closesNs = phase === WARMUP ? shared.measureNs : shared.endNs;
  // Far beyond any end, for the time before T0 is published: the plan of a warm-up has none.
  const endNs = Math.min(shared.stopNs, closesNs, 5 * SECOND);
  const offsets: number[] = [];
  for (const cursor = plan.cursor(); startNs + cursor.offsetNs < endNs; cursor.advance()) {
    offsets.push(cursor.offsetNs);
  }
  return offsets;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLoad } from '../../../src/load/executors/run-load.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { begin, load, MS, ScriptedPort, SECOND, SharedRun } from './scripted-port.ts';

test('every VU runs its own iterations, however slow it is', async () => {
  const source = load({ executor: 'per-vu-iterations', vus: 4, iterations: 25 });
  const { port, ended } = begin({ load: source, serviceNs: (_, vu) => (1 + 9 * vu) * MS });
  await port.clock.advanceTo(3 * SECOND);
  await ended;
  for (let vu = 0; vu < 4; vu++) {
    const numbers = port.seen.filter((one) => one.vu === vu).map(({ iteration }) => iteration);
    assert.deepEqual(
      numbers,
      Array.from({ length: 25 }, (_, nth) => nth * 4 + vu),
    );
  }
});

test('no iteration of a VU starts after maxDuration', async () => {
  const source = load({
    executor: 'per-vu-iterations',
    vus: 2,
    iterations: 10,
    maxDuration: '100ms',
  });
  const { port, ended } = begin({ load: source, serviceNs: (_, vu) => (vu === 0 ? 5 : 30) * MS });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const counts = [0, 1].map((vu) => port.seen.filter((one) => one.vu === vu).length);
  assert.deepEqual(counts, [10, 4]);
});

test('a warm-up goes on until T0, and then every VU has all of its iterations', async () => {
  const source = load({
    executor: 'per-vu-iterations',
    vus: 3,
    iterations: 5,
    warmup: { iterations: 1 },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS },
    { measureNs: SECOND + 95 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[WARMUP].started, 30);
  assert.equal(port.recorder.phases[MEASURE].started, 15);
});

const law = fc.record({
  vus: fc.integer({ min: 1, max: 20 }),
  iterations: fc.integer({ min: 1, max: 12 }),
  slowness: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 20, maxLength: 20 }),
});

test('each VU runs the same iterations with any number of workers and shards', async () => {
  await fc.assert(
    fc.asyncProperty(law, async ({ vus, iterations, slowness }) => {
      const wanted = Array.from({ length: vus * iterations }, (_, number) => [
        number % vus,
        number,
      ]);
      for (const count of [1, 2, 7]) {
        const clock = new FakeClock({ nowNs: 0.9 * SECOND });
        const run = new SharedRun();
        Object.assign(run, { startNs: SECOND, measureNs: SECOND });
        const source = load({ executor: 'per-vu-iterations', vus, iterations });
        const ports = Array.from({ length: count }, (_, index) => {
          const share = { index, count };
          const serviceNs = (_: unknown, vu: number): number =>
            slowness[(vu * count + index) % 20]! * MS;
          return new ScriptedPort({ load: source, clock, run, share, serviceNs });
        });
        const ended = Promise.all(ports.map((port) => runLoad(source, port)));
        await clock.advanceTo(3 * SECOND);
        await ended;
        const seen = ports.flatMap((port) =>
          port.seen.map(({ vu, iteration }) => [vu * count + port.share.index, iteration]),
        );
        assert.deepEqual(
          seen.toSorted(([, one], [, other]) => one! - other!),
          wanted,
        );
      }
    }),
    { numRuns: 30, seed: 11 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lindley } from '../../servers/reference/lindley.ts';
import { readOptions } from '../../servers/reference/options.ts';
import { startReferenceServer } from '../../servers/reference/server.ts';
import { parseRandomService, randomServiceTime } from '../../servers/reference/service-law.ts';
import type { RandomService, ServiceLaw } from '../../servers/reference/service-law.ts';

const DRAWS = 100_000;
const exponential: RandomService = { law: 'exponential', meanNs: 5e6 };
const bimodal: RandomService = { law: 'bimodal', shortNs: 1e6, longNs: 50e6, longShare: 0.1 };

function draws(law: ServiceLaw, count = DRAWS): Float64Array {
  return Float64Array.from({ length: count }, (_, request) => law(request));
}

test('laws are read from the command line with their units', () => {
  for (const [text, service] of [
    ['exponential:5ms', exponential],
    ['bimodal:1ms/50ms/10%', bimodal],
    ['bimodal:250us/2s/0.5%', { law: 'bimodal', shortNs: 250e3, longNs: 2e9, longShare: 0.005 }],
    ['bimodal:1ms/1ms/100%', { law: 'bimodal', shortNs: 1e6, longNs: 1e6, longShare: 1 }],
    ['5ms', null],
  ] as const) {
    assert.deepEqual(parseRandomService(text), service);
    assert.deepEqual(readOptions(['--service-time', text]).randomService, service);
  }
});

test('a time depends on nothing but the seed and the number of its request', () => {
  const services = fc.constantFrom(exponential, bimodal);
  fc.assert(
    fc.property(services, fc.nat(2 ** 32 - 1), fc.array(fc.nat(1e6)), (service, seed, order) => {
      const first = randomServiceTime(service, seed);
      const inOrder = new Map(order.toSorted((a, b) => a - b).map((n) => [n, first(n)]));
      const again = randomServiceTime(service, seed);
      for (const request of order) assert.equal(again(request), inOrder.get(request));
      for (const time of inOrder.values()) assert.ok(Number.isSafeInteger(time) && time >= 0);
    }),
  );
});

test('seeds give different times, and times are not those of the bytes of bodies', () => {
  const [one, two] = [1, 2].map((seed) => draws(randomServiceTime(exponential, seed), 1_000));
  const equal = one!.filter((time, index) => time === two![index]).length;
  assert.ok(equal < 5, `${equal} of 1,000 are the same`);
});

test('exponential times have the distribution, the mean and the independence of the law', () => {
  const times = draws(randomServiceTime(exponential, 1));
  const sorted = times.toSorted();
  let distance = 0;
  for (const [index, time] of sorted.entries()) {
    const expected = 1 - Math.exp(-time / 5e6);
    distance = Math.max(distance, expected - index / DRAWS, (index + 1) / DRAWS - expected);
  }
  // Kolmogorov-Smirnov: above 1.95/√n with probability 0.001.
  assert.ok(distance < 1.95 / Math.sqrt(DRAWS), `distance ${distance}`);
  const mean = times.reduce((sum, time) => sum + time, 0) / DRAWS;
  // The standard deviation equals the mean, so that of the mean is 1/√n of it; 4 of them.
  assert.ok(Math.abs(mean / 5e6 - 1) < 4 / Math.sqrt(DRAWS), `mean ${mean}`);
  for (const lag of [1, 2, 3, 7]) {
    let covariance = 0;
    for (let n = lag; n < DRAWS; n++) covariance += (times[n]! - 5e6) * (times[n - lag]! - 5e6);
    const correlation = covariance / (DRAWS - lag) / 25e12;
    assert.ok(Math.abs(correlation) < 4 / Math.sqrt(DRAWS), `lag ${lag}: ${correlation}`);
  }
});

test('bimodal times are the two, in their shares', () => {
  const times = draws(randomServiceTime(bimodal, 1));
  const long = times.filter((time) => time === 50e6).length;
  assert.equal(times.filter((time) => time === 1e6).length, DRAWS - long);
  // Binomial: four standard deviations around the expected number.
  assert.ok(Math.abs(long - 10_000) < 4 * Math.sqrt(DRAWS * 0.1 * 0.9), `${long} long ones`);
  for (const [longShare, expected] of [
    [0, 1e6],
    [1, 50e6],
  ] as const) {
    const all = draws(randomServiceTime({ ...bimodal, longShare }, 1), 1_000);
    assert.ok(all.every((time) => time === expected));
  }
});

test("the server's due moments are Lindley's recursion with its law, also after a reset", async () => {
  for (const [randomService, slots] of [
    [exponential, 2],
    [bimodal, Infinity],
    [bimodal, 3],
  ] as const) {
    const server = await startReferenceServer({ port: 0, seed: 7, randomService, slots });
    try {
      for (const round of ['first', 'after the reset']) {
        const answers = Array.from({ length: 60 }, () => fetch(server.url));
        for (const answer of await Promise.all(answers)) await answer.arrayBuffer();
        const rows = [...server.log.entries()];
        const truthNs = lindley({
          arrivalsNs: rows.map(({ arrivalNs }) => arrivalNs),
          serviceTimeNs: randomServiceTime(randomService, 7),
          slots,
        });
        assert.deepEqual(
          rows.map(({ dueNs }) => dueNs),
          [...truthNs],
          round,
        );
        server.reset();
      }
    } finally {
      await server.close();
    }
  }
});

test('/__settings names a random law, and no constant time beside it', async () => {
  const server = await startReferenceServer({ port: 0, randomService: bimodal });
  try {
    const settings = (await (await fetch(`${server.url}/__settings`)).json()) as object;
    assert.deepEqual(
      { ...settings, epochNs: 0 },
      {
        clock: 'CLOCK_MONOTONIC',
        epochNs: 0,
        serviceTimeNs: null,
        randomService: bimodal,
        slots: null,
        freeze: null,
        seed: 1,
      },
    );
  } finally {
    await server.close();
  }
});

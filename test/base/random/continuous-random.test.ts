import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomGamma, randomNormal } from '../../../src/base/random/continuous-random.ts';
import { randomStream } from '../../../src/base/random/counter-random.ts';
import {
  criticalDistance,
  distance,
  gammaDistribution,
  normalDistribution,
} from '../../support/distances.ts';

const DRAWS = 20_000;

function draws(draw: (counter: number) => number): number[] {
  return Array.from({ length: DRAWS }, (_, counter) => draw(counter));
}

test('the distribution function of the oracle has the values of printed tables', () => {
  // Exponential, and chi-square with 4 and 1 degrees over their means.
  assert.ok(Math.abs(gammaDistribution(1)(1) - 0.6321206) < 1e-6);
  assert.ok(Math.abs(gammaDistribution(Math.SQRT1_2)(9.4877 / 4) - 0.95) < 1e-5);
  assert.ok(Math.abs(gammaDistribution(Math.SQRT2)(3.8415) - 0.95) < 1e-5);
  assert.ok(Math.abs(normalDistribution(1.959964) - 0.975) < 1e-6);
});

test('normal draws are normal', () => {
  for (const seed of [1, 2, 3]) {
    const stream = randomStream(seed, 'normal');
    const ks = distance(
      draws((counter) => randomNormal(stream, counter)),
      normalDistribution,
    );
    assert.ok(ks < criticalDistance(DRAWS), `KS distance ${ks}`);
  }
});

test('gamma draws follow the gamma distribution, for any coefficient of variation', () => {
  for (const cv of [0.1, 0.5, 1, 1.5, 2, 4]) {
    const stream = randomStream(7, `gamma ${cv}`);
    const ks = distance(
      draws((counter) => randomGamma(stream, counter, cv)),
      gammaDistribution(cv),
    );
    assert.ok(ks < criticalDistance(DRAWS), `KS distance ${ks} for cv ${cv}`);
  }
});

test('neighbouring draws are independent', () => {
  const stream = randomStream(3, 'gamma');
  const values = draws((counter) => randomGamma(stream, counter, 1.2) - 1);
  const product = values.slice(1).reduce((sum, value, index) => sum + value * values[index]!, 0);
  // The standard error of the correlation is 1/√n.
  assert.ok(Math.abs(product / DRAWS / 1.44) < 4 / Math.sqrt(DRAWS));
});

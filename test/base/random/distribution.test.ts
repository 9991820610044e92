import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { randomStream } from '../../../src/base/random/counter-random.ts';
import { distributionKeys, toDistribution } from '../../../src/base/random/distribution-schema.ts';
import { sampler } from '../../../src/base/random/distribution.ts';
import {
  criticalDistance,
  distance,
  gammaDistribution,
  normalDistribution,
} from '../../support/distances.ts';

const number = z.number();
const map = z.strictObject(distributionKeys(number)).refine((kinds) => {
  return Object.keys(kinds).length === 1;
});
const schema = z.union([number, map]).transform(toDistribution);
const DRAWS = 20_000;

function sample(written: unknown, name = 'test'): number[] {
  const draw = sampler(schema.parse(written), randomStream(11, name));
  return Array.from({ length: DRAWS }, (_, counter) => draw(counter));
}

/** ln X is normal with these, where X has mean 200 and standard deviation 120. */
const LOG_SD = Math.sqrt(Math.log(1 + 0.36));
const LOG_MEAN = Math.log(200) - LOG_SD ** 2 / 2;

test('draws follow the distribution that is named', () => {
  const laws: readonly (readonly [unknown, (value: number) => number])[] = [
    [{ uniform: [3, 8] }, (value) => (value - 3) / 5],
    [{ exponential: 4 }, (value) => 1 - Math.exp(-value / 4)],
    [{ normal: { mean: 100, sd: 10 } }, (value) => normalDistribution((value - 100) / 10)],
    [
      { lognormal: { mean: 200, sd: 120 } },
      (value) => normalDistribution((Math.log(value) - LOG_MEAN) / LOG_SD),
    ],
    [{ gamma: { mean: 10, sd: 5 } }, (value) => gammaDistribution(0.5)(value / 10)],
  ];
  for (const [written, law] of laws) {
    const ks = distance(sample(written), law);
    assert.ok(ks < criticalDistance(DRAWS), `KS distance ${ks} of ${JSON.stringify(written)}`);
  }
});

test('a draw beyond a limit becomes the limit, and none is below 0 unless asked for', () => {
  const drawn = sample({ normal: { mean: 10, sd: 10, max: 15 } });
  assert.deepEqual([Math.min(...drawn), Math.max(...drawn)], [0, 15]);
  // Φ(−1) of them lie below 0.
  const share = drawn.filter((value) => value === 0).length / DRAWS;
  assert.ok(Math.abs(share - 0.1587) < 4 * Math.sqrt((0.1587 * 0.8413) / DRAWS));
  const exponential = sample({ exponential: { mean: 10, min: 2, max: 20 } });
  assert.deepEqual([Math.min(...exponential), Math.max(...exponential)], [2, 20]);
});

test('choices come equally often, and a number alone always', () => {
  const drawn = sample({ choice: [1, 5, 9, 9] });
  const nines = drawn.filter((value) => value === 9).length / DRAWS;
  assert.ok(Math.abs(nines - 0.5) < 4 * Math.sqrt(0.25 / DRAWS));
  assert.deepEqual(
    [...new Set(drawn)].toSorted((one, other) => one - other),
    [1, 5, 9],
  );
  assert.deepEqual([...new Set(sample(7))], [7]);
  assert.deepEqual([...new Set(sample({ gamma: { mean: 3, sd: 0 } }))], [3]);
});

test('what is no distribution is refused', () => {
  const wrong = [
    {},
    { uniform: [1, 2], exponential: 1 },
    { uniform: [2, 1] },
    { uniform: [1] },
    { exponential: 0 },
    { normal: { mean: 3 } },
    { lognormal: { mean: 0, sd: 1 } },
    { lognormal: { mean: 5, sd: 1, min: 4, max: 3 } },
    { choice: [] },
    { poisson: 3 },
    'soon',
  ];
  for (const written of wrong) {
    assert.equal(schema.safeParse(written).success, false, JSON.stringify(written));
  }
});

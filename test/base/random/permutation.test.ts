import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../../src/base/random/counter-random.ts';
import { Permutation } from '../../../src/base/random/permutation.ts';

test('every permutation reaches every row exactly once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), fc.nat(1000), (size, seed, pass) => {
      const permutation = new Permutation(size, randomStream(seed, 'rows'), pass);
      const reached = new Set<number>();
      for (let index = 0; index < size; index++) {
        const row = permutation.at(index);
        assert.ok(row >= 0 && row < size);
        reached.add(row);
      }
      assert.equal(reached.size, size);
    }),
  );
});

test('sizes at powers of two and at the limit stay inside', () => {
  for (const size of [1, 2, 3, 4, 255, 256, 257, 65_536, 65_537, 10_000_000, 2 ** 31]) {
    const permutation = new Permutation(size, randomStream(1, 'rows'), 3);
    const reached = new Set<number>();
    for (let index = 0; index < Math.min(size, 1000); index++) {
      const row = permutation.at(size - 1 - index);
      assert.ok(Number.isInteger(row) && row >= 0 && row < size, `${size}: ${row}`);
      reached.add(row);
    }
    assert.equal(reached.size, Math.min(size, 1000));
  }
});

/**
 * Chi-squared of how often each index of `size` goes to each row, over `passes` permutations.
 * Rows and columns of the table have fixed sums, so (size − 1)² degrees of freedom; the statistic
 * of a table of permutations is chi-squared × size / (size − 1).
 */
function chiSquared(size: number, passes: number): { statistic: number; freedom: number } {
  const counts = new Float64Array(size * size);
  for (let pass = 0; pass < passes; pass++) {
    const permutation = new Permutation(size, randomStream(7, 'rows'), pass);
    for (let index = 0; index < size; index++) counts[index * size + permutation.at(index)]!++;
  }
  const expected = passes / size;
  const sum = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  return { statistic: (sum * (size - 1)) / size, freedom: (size - 1) ** 2 };
}

test('over many passes each row comes at each place about equally often', () => {
  for (const size of [2, 3, 5, 8, 16, 37]) {
    const { statistic, freedom } = chiSquared(size, 4000);
    // The normal approximation of chi-squared: five standard deviations either way.
    const deviation = 5 * Math.sqrt(2 * freedom);
    assert.ok(statistic < freedom + deviation, `${size}: ${statistic} for ${freedom}`);
    assert.ok(statistic > freedom - deviation, `${size}: ${statistic} for ${freedom}`);
  }
});

test('neighbouring rows do not stay neighbours', () => {
  const size = 10_000;
  let kept = 0;
  for (let pass = 0; pass < 20; pass++) {
    const permutation = new Permutation(size, randomStream(3, 'rows'), pass);
    for (let index = 1; index < size; index++) {
      if (permutation.at(index) === permutation.at(index - 1) + 1) kept++;
    }
  }
  // Of a random permutation one neighbour pair is expected to survive: Poisson with mean 20 here.
  assert.ok(kept < 50, `${kept} pairs of 20 passes`);
});

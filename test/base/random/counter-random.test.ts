import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  randomBelow,
  randomExponential,
  randomStream,
  randomUniform,
  threefry2x32,
} from '../../../src/base/random/counter-random.ts';

// Known answers of Random123's kat_vectors file for threefry2x32 with 20 rounds.
const KNOWN_ANSWERS = [
  { key: [0, 0], counter: [0, 0], block: [0x6b200159, 0x99ba4efe] },
  {
    key: [0xffffffff, 0xffffffff],
    counter: [0xffffffff, 0xffffffff],
    block: [0x1cb996fc, 0xbb002be7],
  },
  {
    key: [0x13198a2e, 0x03707344],
    counter: [0x243f6a88, 0x85a308d3],
    block: [0xc4923a9c, 0x483df7a0],
  },
] as const;

test('the generator gives the published known answers of Threefry-2x32-20', () => {
  for (const { key, counter, block } of KNOWN_ANSWERS) {
    const drawn = threefry2x32(key[0], key[1], counter[0], counter[1]);
    assert.deepEqual([...drawn], [...block]);
  }
});

test('a draw depends on seed, stream name and counter, and on nothing drawn before', () => {
  const stream = randomStream(42, 'pacing/main');
  const first = randomUniform(stream, 7);
  randomUniform(stream, 8);
  assert.equal(randomUniform(stream, 7), first);
  assert.notEqual(randomUniform(randomStream(43, 'pacing/main'), 7), first);
  assert.notEqual(randomUniform(randomStream(42, 'pacing/other'), 7), first);
  assert.notEqual(randomUniform(randomStream(42 + 2 ** 32, 'pacing/main'), 7), first);
});

test('uniform draws fill [0, 1) evenly: a chi-square test over 100 cells at a fixed seed', () => {
  const stream = randomStream(1, 'uniform');
  const cells = Array.from({ length: 100 }, () => 0);
  const draws = 100_000;
  for (let i = 0; i < draws; i++) {
    const value = randomUniform(stream, i);
    assert.ok(value >= 0 && value < 1);
    cells[Math.floor(value * 100)]! += 1;
  }
  const expected = draws / 100;
  const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 148.2, `chi-square ${chiSquare} is beyond the 99.9% point for 99 degrees`);
});

test('exponential draws have mean 1 and variance 1, and none is infinite or negative', () => {
  const stream = randomStream(5, 'exponential');
  const draws = 100_000;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < draws; i++) {
    const value = randomExponential(stream, i);
    assert.ok(Number.isFinite(value) && value >= 0);
    sum += value;
    squares += value * value;
  }
  const mean = sum / draws;
  assert.ok(Math.abs(mean - 1) < 4 / Math.sqrt(draws), `mean ${mean}`);
  assert.ok(Math.abs(squares / draws - mean * mean - 1) < 0.05);
});

test('randomBelow reaches every value below its bound and no other', () => {
  const stream = randomStream(9, 'below');
  const seen = new Set<number>();
  for (let i = 0; i < 1_000; i++) seen.add(randomBelow(stream, i, 6));
  assert.deepEqual(
    [...seen].toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4, 5],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VectorTexts } from '../../../../src/drivers/vocabulary/vectors/vector-texts.ts';
import {
  bytesOf,
  floatsOf,
  floatText,
} from '../../../../src/drivers/vocabulary/vectors/vector-values.ts';

const floats = fc.float({ noNaN: true, noDefaultInfinity: true });
const vectors = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });

test('the text of a float reads back as the same float', () => {
  fc.assert(fc.property(floats, (value) => Math.fround(Number(floatText(value))) === value));
});

test('the text of a vector is JSON of the same floats, also when it is asked for again', () => {
  const texts = new VectorTexts();
  fc.assert(
    fc.property(vectors, (vector) => {
      for (const asked of [vector, vector.slice()]) {
        const read = Float32Array.from(JSON.parse(texts.textOf(asked)) as number[]);
        // −0 is written as 0, as JSON.stringify does.
        assert.deepEqual(
          read,
          vector.map((value) => value + 0),
        );
      }
    }),
  );
});

test('a vector that is changed in place has another text', () => {
  const texts = new VectorTexts();
  const vector = Float32Array.of(1, 2);
  assert.equal(texts.textOf(vector), '[1,2]');
  vector[1] = 3;
  assert.equal(texts.textOf(vector), '[1,3]');
});

test('no more characters are kept than the limit says, and the oldest goes first', () => {
  const texts = new VectorTexts(20);
  for (let value = 10; value < 50; value++) {
    texts.textOf(Float32Array.of(value));
    assert.ok(texts.characters <= 20);
  }
  assert.equal(texts.characters, 20, 'five texts of four characters');
});

test('the bytes of a vector are little-endian, also of one within a larger buffer', () => {
  const part = Float32Array.of(0, 1.5, -2).subarray(1);
  assert.deepEqual([bytesOf(part).readFloatLE(0), bytesOf(part).readFloatLE(4)], [1.5, -2]);
});

test('what is no vector of finite numbers is refused with its place', () => {
  assert.deepEqual([...floatsOf([0.5, 2])], [0.5, 2]);
  for (const [value, reason] of [
    [[1, Number.NaN], /number 1 of the vector is NaN/],
    [[1e39], /number 0 of the vector is 1e\+39/],
    [[], /empty/],
    ['[1]', /no vector/],
    [null, /no vector/],
  ] as const) {
    assert.throws(() => floatsOf(value), reason);
  }
});

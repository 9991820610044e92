import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iterationUuids } from '../../src/iteration/iteration-uuid.ts';

const COUNT = 20_000;
const uuid = iterationUuids(42, 0);
const UUIDS = Array.from({ length: COUNT }, (_, iteration) => uuid(1, iteration));

test('a UUID has the layout of version 8, and no iteration has that of another', () => {
  for (const text of UUIDS) {
    assert.match(text, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(new Set(UUIDS).size, COUNT);
});

test('all 122 bits are drawn: each is set about half the time, and no two go together', () => {
  const bits = UUIDS.map((text) => BigInt(`0x${text.replaceAll('-', '')}`));
  const fixed = new Set([79, 78, 77, 76, 63, 62]);
  const free = Array.from({ length: 128 }, (_, bit) => bit).filter((bit) => !fixed.has(bit));
  const columns = free.map((bit) => bits.map((value) => Number((value >> BigInt(bit)) & 1n)));
  // Six standard deviations of a binomial with 20,000 draws.
  const tolerance = 6 * Math.sqrt(COUNT / 4);
  for (const [index, column] of columns.entries()) {
    const set = column.reduce((sum, bit) => sum + bit, 0);
    assert.ok(Math.abs(set - COUNT / 2) < tolerance, `bit ${free[index]} is set ${set} times`);
  }
  for (let left = 0; left < columns.length; left++) {
    const right = (left + 64) % columns.length;
    const equal = columns[left]!.filter((bit, index) => bit === columns[right]![index]).length;
    const pair = `bits ${free[left]} and ${free[right]}`;
    assert.ok(Math.abs(equal - COUNT / 2) < tolerance, `${pair} agree ${equal} times`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';
import { randomOrder, zipfOrder, type RowOrder } from '../../src/data/row-order.ts';

const DRAWS = 200_000;

/** Pearson's statistic of counts against the expected probabilities. */
function chiSquare(order: RowOrder, probabilities: readonly number[]): number {
  const counts = probabilities.map(() => 0);
  for (let position = 0; position < DRAWS; position++) counts[order(position)]!++;
  return counts.reduce((sum, count, row) => {
    const expected = probabilities[row]! * DRAWS;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

/** Mean and standard deviation of chi-square with k degrees of freedom are k and √(2k). */
function limitOf(rows: number): number {
  return rows - 1 + 5 * Math.sqrt(2 * (rows - 1));
}

test('random takes every row as often as any other', () => {
  for (const rowCount of [2, 7, 100]) {
    const order = randomOrder({ rowCount, seed: 3, name: 'rows' });
    const even = Array.from({ length: rowCount }, () => 1 / rowCount);
    assert.ok(chiSquare(order, even) < limitOf(rowCount), `${rowCount} rows`);
  }
});

test('zipf takes row r with a probability of 1/r over the harmonic number', () => {
  for (const rowCount of [1, 2, 7, 100, 1000]) {
    const order = zipfOrder({ rowCount, seed: 3, name: 'rows' });
    const harmonic = Array.from({ length: rowCount }, (_, row) => 1 / (row + 1));
    const sum = harmonic.reduce((total, weight) => total + weight, 0);
    const statistic = chiSquare(
      order,
      harmonic.map((weight) => weight / sum),
    );
    assert.ok(statistic <= limitOf(rowCount), `${rowCount} rows: ${statistic}`);
  }
});

test('zipf stays inside its rows, however many there are', () => {
  const order = zipfOrder({ rowCount: 10_000_000, seed: 1, name: 'rows' });
  let largest = 0;
  for (let position = 0; position < 20_000; position++) {
    const row = order(position);
    assert.ok(Number.isInteger(row) && row >= 0 && row < 10_000_000);
    largest = Math.max(largest, row);
  }
  assert.ok(largest > 5_000_000);
});

function open(keys: object): Promise<Feeder> {
  const inline = Array.from({ length: 10 }, (_, n) => ({ n }));
  return openFeeder('rows', feederSchema.parse({ inline, ...keys }), { seed: 1, baseFolder: '/' });
}

test('random and zipf rows are a function of the iteration, whoever asks and in whatever order', async () => {
  for (const pick of ['random', 'zipf']) {
    const [first, second] = [await open({ pick, batch: 3 }), await open({ pick, batch: 3 })];
    for (const iteration of [5, 0, 999_999_999, 5]) {
      assert.deepEqual(first.row(iteration), second.row(iteration));
    }
    const rows = Array.from({ length: 20 }, (_, iteration) => first.row(iteration));
    assert.ok(new Set(rows.map((row) => JSON.stringify(row))).size > 5, pick);
  }
});

test('once says after how many iterations its rows end, and its last batch has what is left', async () => {
  const feeder = await open({ pick: 'once', batch: 4 });
  assert.equal(feeder.iterations, 3);
  assert.deepEqual(feeder.row(1), { n: [4, 5, 6, 7] });
  assert.deepEqual(feeder.row(2), { n: [8, 9] });
  assert.equal((await open({ pick: 'sequential', batch: 4 })).iterations, Infinity);
});

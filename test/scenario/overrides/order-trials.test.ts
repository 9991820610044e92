import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderTrials } from '../../../src/scenario/overrides/order-trials.ts';

test('repetitions are interleaved: every point once before any point again', () => {
  const runs = orderTrials({ points: 3, repeat: 2, order: 'listed', seed: 1 });
  assert.deepEqual(
    runs.map(({ point, repetition }) => `${point}.${repetition}`),
    ['0.1', '1.1', '2.1', '0.2', '1.2', '2.2'],
  );
});

test('a shuffled order is one of the seed, has every point in each repetition, and changes', () => {
  const order = (seed: number) => orderTrials({ points: 8, repeat: 4, order: 'shuffle', seed });
  const runs = order(7);
  assert.deepEqual(runs, order(7));
  assert.notDeepEqual(runs, order(8));
  const blocks = [1, 2, 3, 4].map((repetition) =>
    runs.filter((run) => run.repetition === repetition).map(({ point }) => point),
  );
  for (const block of blocks) {
    assert.deepEqual(
      block.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
  }
  assert.equal(new Set(blocks.map((block) => block.join())).size, 4);
});

test('every point comes first about equally often', () => {
  const firsts = [0, 0, 0, 0];
  for (let seed = 0; seed < 2_000; seed++) {
    firsts[orderTrials({ points: 4, repeat: 1, order: 'shuffle', seed })[0]!.point]!++;
  }
  // 500 each; the standard deviation is 19.4, and these are 5 of them.
  for (const count of firsts) assert.ok(Math.abs(count - 500) < 97, firsts.join());
});

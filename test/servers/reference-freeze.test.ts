import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { finishNs } from '../../servers/reference/freeze.ts';
import type { Freeze } from '../../servers/reference/freeze.ts';

/** Frozen in [120, 130), [140, 150), [160, 170), ... */
const freeze: Freeze = { epochNs: 100, durationNs: 10, periodNs: 20 };

test('work is prolonged by the windows that it meets, and by no others', () => {
  const cases: readonly (readonly [start: number, work: number, finish: number])[] = [
    [0, 5, 5], // before the epoch
    [100, 10, 110], // the window at the epoch itself does not exist
    [100, 19, 119], // up to the last moment before the first window
    [100, 20, 130], // done as the window begins: leaves at its end
    [100, 21, 131],
    [119, 1, 130],
    [120, 0, 130], // arrives with the window
    [125, 0, 130], // arrives in it
    [129, 1, 131],
    [130, 0, 130], // arrives as it ends
    [130, 9, 139],
    [130, 10, 150],
    [115, 30, 175], // 5 before, 10 + 10 between three windows, 5 after
  ];
  for (const [start, work, finish] of cases) {
    assert.equal(finishNs(start, work, freeze), finish, `${work} from ${start}`);
  }
});

test('without a freeze work takes its own time', () => {
  assert.equal(finishNs(7, 5, null), 12);
  assert.equal(finishNs(125, 5, { ...freeze, durationNs: 0 }), 130);
});

test('a freeze on a clock of days and in nanoseconds stays exact', () => {
  const days = 90 * 86_400e9;
  const long: Freeze = { epochNs: days + 1, durationNs: 500e6, periodNs: 2_500e6 };
  assert.equal(finishNs(days + 1 + 4 * 2_500e6 - 3, 5, long), days + 1 + 4 * 2_500e6 + 500e6 + 2);
});

test('the result equals that of walking through time one nanosecond after the other', () => {
  const freezes = fc
    .record({ epochNs: fc.nat(50), periodNs: fc.integer({ min: 1, max: 12 }), part: fc.nat(100) })
    .map(({ epochNs, periodNs, part }): Freeze => {
      return { epochNs, periodNs, durationNs: Math.floor((periodNs * part) / 101) };
    });
  fc.assert(
    fc.property(freezes, fc.nat(120), fc.nat(60), (random, startNs, workNs) => {
      assert.equal(finishNs(startNs, workNs, random), walk(startNs, workNs, random));
    }),
    { numRuns: 500 },
  );
});

function walk(startNs: number, workNs: number, { epochNs, durationNs, periodNs }: Freeze): number {
  const isFrozen = (instantNs: number): boolean =>
    instantNs >= epochNs + periodNs && (instantNs - epochNs) % periodNs < durationNs;
  let leftNs = workNs;
  let instantNs = startNs;
  while (leftNs > 0 || isFrozen(instantNs)) {
    if (!isFrozen(instantNs)) leftNs--;
    instantNs++;
  }
  return instantNs;
}

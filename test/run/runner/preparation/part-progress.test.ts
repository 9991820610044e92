import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartProgress } from '../../../../src/run/runner/preparation/part-progress.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

test('what takes longer than two seconds is told, ever less often, until it ends', async () => {
  const clock = new FakeClock();
  const told: [second: number, text: string][] = [];
  const say = (text: string) => told.push([clock.nowNs() / 1e9, text]);
  const progress = new PartProgress('Preparing: fill', { clock, say });
  progress.tick({ phase: 'measure', elapsedNs: 0, started: 12, wanted: 500, inFlight: 2 });
  await clock.advanceBy(1.9e9);
  assert.equal(told.length, 0);
  await clock.advanceBy(40e9);
  progress.close();
  await clock.advanceBy(100e9);
  assert.deepEqual(
    told.map(([second]) => second),
    [2, 4, 8, 16, 26, 36],
  );
  assert.deepEqual(told[1], [4, 'Preparing: fill, 10 of 500 done, 4 s …']);
});

test('one operation is told by the time that it takes', async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const progress = new PartProgress('Preparing: wait', { clock, say: (text) => told.push(text) });
  progress.tick({ phase: 'measure', elapsedNs: 0, started: 1, wanted: 1, inFlight: 1 });
  await clock.advanceBy(3e9);
  progress.close();
  assert.deepEqual(told, ['Preparing: wait, 2 s …']);
});

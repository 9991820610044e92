import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmPacer } from '../../../src/load/pacing/alarm-pacer.ts';
import { BoardAlarm } from '../../../src/load/pacing/board-alarm.ts';
import type { Pacing } from '../../../src/load/pacing/pacer.ts';
import { PacingBoard } from '../../../src/load/pacing/pacing-board.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const US = 1000;
const MS = 1e6;
const SPIN_NS = 100 * US;

interface Scene {
  readonly clock: FakeClock;
  readonly pacer: AlarmPacer;
  readonly wokenAtNs: number[];
  readonly wake: () => void;
  /** Lets the pacing thread look at its board, and its strokes arrive. */
  readonly look: () => Promise<number>;
  /** Turns that the pacer asked for so far. */
  readonly turns: () => number;
}

function scene(pacing: Pacing = 'precise'): Scene {
  const clock = new FakeClock({ nowNs: 5 * MS, turnNs: 10 * US });
  const memory = PacingBoard.allocate(2);
  const board = new PacingBoard(memory);
  const pacer = new AlarmPacer(clock, new BoardAlarm({ memory, place: 1 }), { pacing });
  const wokenAtNs: number[] = [];
  let turns = 0;
  const nextTurn = clock.nextTurn.bind(clock);
  clock.nextTurn = (callback) => {
    turns++;
    nextTurn(callback);
  };
  return {
    clock,
    pacer,
    wokenAtNs,
    wake: () => void wokenAtNs.push(clock.nowNs()),
    look: async () => {
      const leftNs = board.wakeDue(clock.nowNs());
      // The stroke arrives through the event loop of this very thread.
      for (let turn = 0; turn < 5; turn++) await settle();
      return leftNs;
    },
    turns: () => turns,
  };
}

test('a distant time costs no turn until the pacing thread wakes, 100 µs ahead', async () => {
  const { clock, pacer, wokenAtNs, wake, look, turns } = scene();
  pacer.waitUntil(8 * MS, wake);
  assert.equal(await look(), 3 * MS - SPIN_NS);
  await clock.advanceTo(8 * MS - SPIN_NS - 1 * US);
  assert.equal(await look(), 1 * US);
  assert.equal(turns(), 0);
  await clock.advanceTo(8 * MS - SPIN_NS);
  assert.equal(await look(), Infinity);
  assert.equal(turns(), 1);
  await clock.advanceTo(9 * MS);
  assert.deepEqual(wokenAtNs, [8 * MS]);
  assert.equal(turns(), SPIN_NS / (10 * US));
});

test('a near time is waited for turn by turn, without the pacing thread', async () => {
  const { clock, pacer, wokenAtNs, wake, look } = scene();
  pacer.waitUntil(5 * MS + 35 * US, wake);
  assert.equal(await look(), Infinity);
  await clock.advanceTo(6 * MS);
  // Turns take 10 µs: the first one at or after the time.
  assert.deepEqual(wokenAtNs, [5 * MS + 40 * US]);
});

test('a time that has passed wakes in the next turn, never within the call', async () => {
  const { clock, pacer, wokenAtNs, wake } = scene();
  pacer.waitUntil(1 * MS, wake);
  assert.deepEqual(wokenAtNs, []);
  await clock.advanceTo(6 * MS);
  assert.equal(wokenAtNs.length, 1);
});

test('another wait replaces the open one, earlier or later', async () => {
  for (const [firstNs, secondNs] of [
    [20 * MS, 7 * MS],
    [7 * MS, 20 * MS],
  ] as const) {
    const { clock, pacer, wokenAtNs, wake, look } = scene();
    pacer.waitUntil(firstNs, () => assert.fail('the first wait was replaced'));
    pacer.waitUntil(secondNs, wake);
    for (let atNs = 5.1 * MS; atNs <= 25 * MS; atNs += 0.1 * MS) {
      await clock.advanceTo(atNs);
      await look();
    }
    assert.equal(wokenAtNs.length, 1);
    assert.ok(wokenAtNs[0]! >= secondNs && wokenAtNs[0]! <= secondNs + 10 * US);
  }
});

test('a cancelled wait never wakes, and the next one does', async () => {
  const { clock, pacer, wokenAtNs, wake, look } = scene();
  pacer.waitUntil(5 * MS + 50 * US, () => assert.fail('it was cancelled'));
  pacer.cancel();
  pacer.waitUntil(7 * MS, () => assert.fail('it was cancelled'));
  pacer.cancel();
  assert.equal(await look(), Infinity);
  await clock.advanceTo(10 * MS);
  pacer.waitUntil(11 * MS, wake);
  await clock.advanceTo(10.9 * MS);
  await look();
  await clock.advanceTo(12 * MS);
  assert.deepEqual(wokenAtNs, [11 * MS]);
});

test('a stroke too early leads to another wait and not to a wake-up', async () => {
  const { clock, pacer, wokenAtNs, wake, look, turns } = scene();
  pacer.waitUntil(7 * MS, () => {});
  pacer.waitUntil(30 * MS, wake);
  pacer.cancel();
  pacer.waitUntil(6 * MS, () => {});
  pacer.waitUntil(30 * MS, wake);
  await clock.advanceTo(7 * MS);
  await look();
  assert.equal(turns(), 0);
  await clock.advanceTo(30 * MS - SPIN_NS);
  await look();
  await clock.advanceTo(31 * MS);
  assert.deepEqual(wokenAtNs, [30 * MS]);
});

test('an efficient wait spends no turn, and ends with the stroke that comes in time', async () => {
  const { clock, pacer, wokenAtNs, wake, look, turns } = scene('efficient');
  pacer.waitUntil(8 * MS, wake);
  assert.equal(await look(), 3 * MS);
  await clock.advanceTo(8 * MS - 1 * US);
  assert.equal(await look(), 1 * US);
  assert.equal(turns(), 0);
  await clock.advanceTo(8 * MS + 70 * US);
  await look();
  await clock.advanceTo(9 * MS);
  assert.equal(turns(), 1);
  assert.deepEqual(wokenAtNs, [8 * MS + 80 * US]);
});

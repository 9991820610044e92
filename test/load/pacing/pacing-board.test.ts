import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacingBoard } from '../../../src/load/pacing/pacing-board.ts';

const US = 1000;
const MS = 1e6;
/** The times at which whole µs overflow 31 and 32 bits. */
const OVERFLOWS_NS = [2 ** 31 * US, 2 ** 32 * US];

test('the soonest of all places is told, and each is woken once its time has come', async () => {
  const board = new PacingBoard(PacingBoard.allocate(3));
  const woken = [0, 1, 2].map((place) => board.woken(place));
  board.ask(0, 5 * MS, 1 * MS);
  board.ask(2, 3 * MS, 1 * MS);
  assert.equal(board.wakeDue(1 * MS), 2 * MS);
  assert.equal(board.wakeDue(3 * MS), 2 * MS);
  await woken[2];
  assert.equal(board.wakeDue(5 * MS), Infinity);
  await woken[0];
  board.strike(1);
  await woken[1];
});

test('times compare rightly where their µs overflow', () => {
  for (const overflowNs of OVERFLOWS_NS) {
    const board = new PacingBoard(PacingBoard.allocate(1));
    board.ask(0, overflowNs + 50 * US, overflowNs - 50 * US);
    assert.equal(board.wakeDue(overflowNs - 50 * US), 100 * US);
    const leftNs = board.wakeDue(overflowNs);
    assert.ok(leftNs === 50 * US || leftNs === 49 * US, `${leftNs}`);
    assert.equal(board.wakeDue(overflowNs + 51 * US), Infinity);
  }
});

test('a wait of days is cut into waits that can be compared', () => {
  const board = new PacingBoard(PacingBoard.allocate(1));
  board.ask(0, 1e6 * 1e9, 1 * MS);
  assert.equal(board.wakeDue(1 * MS), 600 * 1e9);
});

test('the bell rings for a thread that is awake or would sleep too long, and only then', () => {
  const board = new PacingBoard(PacingBoard.allocate(1));
  const before = board.bell;
  board.ask(0, 10 * MS, 0);
  assert.notEqual(board.bell, before, 'the thread is awake: it may have looked already');
  // A sleep that ends at once leaves the thread awake again.
  board.sleep(board.bell - 1, 0, 1 * MS);
  const again = board.bell;
  board.ask(0, 20 * MS, 0);
  assert.notEqual(board.bell, again);
});

test('a withdrawn time wakes nobody', () => {
  const board = new PacingBoard(PacingBoard.allocate(1));
  board.ask(0, 2 * MS, 0);
  board.withdraw(0);
  assert.equal(board.wakeDue(3 * MS), Infinity);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicNs } from '../../servers/reference/clock.ts';
import { Deadlines } from '../../servers/reference/deadlines.ts';
import { formatDuration, parseDurationNs } from '../../servers/reference/durations.ts';
import { randomBits, randomBytes } from '../../servers/reference/random.ts';
import { RequestLog } from '../../servers/reference/request-log.ts';

test('the clock lies on the axis of process.hrtime within a microsecond', () => {
  let nearestNs = Infinity;
  for (let attempt = 0; attempt < 100; attempt++) {
    const beforeNs = Number(process.hrtime.bigint());
    const nowNs = monotonicNs();
    const afterNs = Number(process.hrtime.bigint());
    assert.ok(nowNs > beforeNs - 1_000 && nowNs < afterNs + 1_000);
    nearestNs = Math.min(nearestNs, afterNs - beforeNs);
  }
  assert.ok(nearestNs < 100_000);
});

test('deadlines run in order, equal ones as they were set, and never early', async () => {
  const deadlines = new Deadlines();
  const beganNs = monotonicNs();
  const ran: { dueNs: number; number: number }[] = [];
  await new Promise<void>((resolve) => {
    const set = (number: number, dueNs: number): void =>
      deadlines.at(dueNs, () => {
        assert.ok(monotonicNs() >= dueNs);
        ran.push({ dueNs, number });
        if (deadlines.pending === 0) resolve();
      });
    for (let number = 0; number < 500; number++) {
      // From already due to 30 ms ahead, in steps of 1 ms so that many are equal.
      set(number, beganNs + ((randomBits(1, number) % 31) - 1) * 1e6);
    }
  });
  const inOrder = ran.toSorted(
    (left, right) => left.dueNs - right.dueNs || left.number - right.number,
  );
  assert.equal(ran.length, 500);
  assert.deepEqual(ran, inOrder);
});

test('a nearer deadline overtakes a distant one that a timer waits for', async () => {
  const deadlines = new Deadlines();
  deadlines.at(monotonicNs() + 60e9, () => assert.fail('stopped before'));
  await new Promise<void>((resolve) => deadlines.at(monotonicNs() + 10e6, resolve));
  assert.equal(deadlines.pending, 1);
  deadlines.stop();
  assert.equal(deadlines.pending, 0);
});

test('the log keeps rows over block boundaries, and counts what it has no room for', () => {
  const log = new RequestLog(70_000);
  for (let row = 0; row < 70_010; row++) {
    const opened = log.open({
      arrivalNs: row,
      dueNs: row + 5,
      path: row % 2 === 0 ? '/even' : '/odd',
      mark: row % 2 === 0 ? { lane: 3, iteration: row } : null,
    });
    if (row % 3 !== 0) log.complete(opened, row + 6, 200);
  }
  assert.equal(log.rows, 70_000);
  assert.equal(log.dropped, 10);
  for (const row of [1, 65_535, 65_536, 69_998]) {
    const { sequence, arrivalNs, dueNs, departureNs, status, path } = log.entry(row);
    const answered = row % 3 !== 0;
    assert.deepEqual(
      [sequence, arrivalNs, dueNs, departureNs, status, path],
      [
        row,
        row,
        row + 5,
        answered ? row + 6 : NaN,
        answered ? 200 : 0,
        row % 2 === 0 ? '/even' : '/odd',
      ],
    );
  }
  const csv = [...log.csvPieces()].join('').trimEnd().split('\n');
  assert.equal(csv.length, 70_001);
  assert.equal(csv[3], '2,2,7,8,200,/even,3,2');
  assert.equal(csv[4], '3,3,8,,0,/odd,,');
  assert.equal(csv.at(-1), '69999,69999,70004,,0,/odd,,');
});

test('the log keeps a bounded number of different paths', () => {
  const log = new RequestLog();
  for (let row = 0; row < 1_500; row++) {
    log.open({ arrivalNs: 0, dueNs: 0, path: `/${row}`, mark: null });
  }
  assert.equal(log.entry(999).path, '/999');
  assert.equal(log.entry(1_000).path, '(other)');
});

test('durations are read and written with their units', () => {
  for (const [text, ns] of [
    ['0', 0],
    ['7ns', 7],
    ['250us', 250e3],
    ['50ms', 50e6],
    ['1500ms', 1.5e9],
    ['3s', 3e9],
  ] as const) {
    assert.equal(parseDurationNs(text), ns);
    assert.equal(formatDuration(ns), text);
  }
  assert.equal(parseDurationNs('1.5s'), 1.5e9);
  assert.equal(parseDurationNs('2m'), 120e9);
  for (const text of ['', '5', '-1ms', 'ms', '1h']) assert.throws(() => parseDurationNs(text));
});

test('random bytes are uniform enough, repeat for a seed and differ between seeds', () => {
  const bytes = randomBytes(3, 65_536);
  assert.deepEqual(bytes, randomBytes(3, 65_536));
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]!++;
  // Chi-squared with 255 degrees of freedom: 190 to 330 holds more than 99.8% of its mass.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
  assert.ok(chiSquared > 190 && chiSquared < 330, `chi-squared ${chiSquared}`);
  const differing = randomBytes(4, 65_536).filter((byte, index) => byte !== bytes[index]).length;
  assert.ok(differing > 65_000);
});

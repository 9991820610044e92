import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lindley } from '../../servers/reference/lindley.ts';
import { Station } from '../../servers/reference/station.ts';

test('one slot serves one after the other', () => {
  const departures = lindley({ arrivalsNs: [0, 1, 2, 30, 31], serviceTimeNs: 10, slots: 1 });
  assert.deepEqual([...departures], [10, 20, 30, 40, 50]);
});

test('an idle slot starts at the arrival, not at the departure before it', () => {
  const departures = lindley({ arrivalsNs: [0, 15, 40], serviceTimeNs: 10, slots: 1 });
  assert.deepEqual([...departures], [10, 25, 50]);
});

test('two slots with unequal service times: the first one free takes the next', () => {
  const departures = lindley({
    arrivalsNs: [0, 0, 1, 2, 3],
    serviceTimeNs: [10, 3, 4, 1, 20],
    slots: 2,
  });
  // Slot A: 0–10. Slot B: 0–3, 3–7, 7–8, 8–28.
  assert.deepEqual([...departures], [10, 3, 7, 8, 28]);
});

test('without a limit on slots nobody waits', () => {
  const departures = lindley({ arrivalsNs: [0, 0, 0, 5], serviceTimeNs: 10 });
  assert.deepEqual([...departures], [10, 10, 10, 15]);
});

test('a freeze holds up who is served and, behind it, who waits', () => {
  const departures = lindley({
    arrivalsNs: [98, 100, 104, 200],
    serviceTimeNs: 4,
    slots: 1,
    freeze: { epochNs: 0, durationNs: 50, periodNs: 100 },
  });
  // 98: 2 of 4 before the window [100, 150), 2 after. 200 is the beginning of the next window.
  assert.deepEqual([...departures], [152, 156, 160, 254]);
});

test('arrivals out of order and fewer than one slot are refused', () => {
  assert.throws(() => lindley({ arrivalsNs: [2, 1], serviceTimeNs: 1 }), /earlier/);
  assert.throws(() => lindley({ arrivalsNs: [1], serviceTimeNs: 1, slots: 0 }), /slots/);
});

const requests = fc.array(fc.record({ gapNs: fc.nat(10), workNs: fc.nat(30) }), { maxLength: 60 });

function input(rows: readonly { gapNs: number; workNs: number }[]): {
  arrivalsNs: number[];
  serviceTimeNs: number[];
} {
  let nowNs = 0;
  return {
    arrivalsNs: rows.map(({ gapNs }) => (nowNs += gapNs)),
    serviceTimeNs: rows.map(({ workNs }) => workNs),
  };
}

test('no slot is idle while a request waits, and no more are busy than there are', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 4 }), (rows, slots) => {
      const { arrivalsNs, serviceTimeNs } = input(rows);
      const departuresNs = lindley({ arrivalsNs, serviceTimeNs, slots });
      const startsNs = serviceTimeNs.map((workNs, index) => departuresNs[index]! - workNs);
      for (let instantNs = 0; instantNs < 700; instantNs++) {
        const at = instantNs + 0.5;
        const inService = startsNs.filter(
          (start, index) => start < at && at < departuresNs[index]!,
        );
        const waiting = startsNs.filter((start, index) => arrivalsNs[index]! < at && at < start);
        assert.ok(inService.length <= slots);
        if (waiting.length > 0) assert.equal(inService.length, slots, `at ${at}`);
      }
      for (let index = 1; index < startsNs.length; index++) {
        assert.ok(startsNs[index]! >= startsNs[index - 1]!, 'first come, first served');
      }
    }),
    { numRuns: 100 },
  );
});

test("the server's station gives the same departures as the recursion", () => {
  const freezes = fc.constantFrom(null, { epochNs: 3, durationNs: 7, periodNs: 20 });
  fc.assert(
    fc.property(
      requests,
      fc.constantFrom(1, 2, 3, 5, 8, Infinity),
      freezes,
      (rows, slots, freeze) => {
        const { arrivalsNs, serviceTimeNs } = input(rows);
        const station = new Station(slots, freeze);
        const given = arrivalsNs.map((arrival, index) =>
          station.departureNs(arrival, serviceTimeNs[index]!),
        );
        assert.deepEqual(given, [...lindley({ arrivalsNs, serviceTimeNs, slots, freeze })]);
      },
    ),
  );
});

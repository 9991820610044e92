import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../../src/base/random/counter-random.ts';
import { Plan } from '../../../src/load/pacing/plan.ts';
import { RateCurve } from '../../../src/load/pacing/rate-curve.ts';
import type { Share } from '../../../src/load/pacing/share.ts';
import {
  TraceCurve,
  traceTimes,
  type TraceRow,
  type TraceTimes,
} from '../../../src/load/pacing/trace-curve.ts';

const SECOND = 1e9;
const RULES = { seed: 1, feeder: 'trace', speed: 1, keep: 1 };

/** What a worker would start: `[iteration, offsetNs]`, an entry an event. */
function events(times: TraceTimes, share?: Share): [number, number][] {
  const stream = randomStream(1, 'unused');
  const plan = new Plan({ curve: new TraceCurve(times), arrival: 'trace', stream });
  const found: [number, number][] = [];
  const cursor = plan.cursor(share);
  for (; cursor.offsetNs !== Infinity; cursor.advance()) {
    found.push([cursor.iteration, cursor.offsetNs]);
  }
  return found;
}

const trace = fc
  .array(
    fc.record({
      gapNs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 * SECOND })),
      session: fc.integer({ min: 0, max: 30 }).map(String),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((gaps): TraceRow[] => {
    let offsetNs = 0;
    return gaps.map(({ gapNs, session }, index) => {
      offsetNs += index === 0 ? 0 : gapNs;
      return { offsetNs, session };
    });
  });

test('the union over any number of shards and workers is the trace, row by row', () => {
  fc.assert(
    fc.property(trace, fc.constantFrom(0.25, 0.5, 1), fc.nat(1000), (rows, keep, seed) => {
      const times = traceTimes(rows, { ...RULES, keep, seed });
      const kept = [...times.rows].map((row): [number, number] => [row, rows[row]!.offsetNs]);
      if (keep === 1) assert.equal(kept.length, rows.length);
      assert.deepEqual(events(times), kept);
      for (const count of [2, 7]) {
        const union = Array.from({ length: count }, (_, index) =>
          events(times, { index, count }),
        ).flat();
        assert.deepEqual(
          union.toSorted(([one], [other]) => one - other),
          kept,
        );
      }
    }),
    { numRuns: 100, seed: 21 },
  );
});

test('thinning keeps sessions whole, and what it keeps it keeps with every greater share', () => {
  fc.assert(
    fc.property(trace, fc.nat(1000), (rows, seed) => {
      let before = new Set<number>();
      for (const keep of [0.2, 0.5, 0.8, 1]) {
        const kept = new Set(traceTimes(rows, { ...RULES, keep, seed }).rows);
        for (const row of before) assert.ok(kept.has(row), 'kept with a smaller share');
        const sessions = new Set([...kept].map((row) => rows[row]!.session));
        for (const [row, { session }] of rows.entries()) {
          assert.equal(kept.has(row), sessions.has(session));
        }
        before = kept;
      }
    }),
    { numRuns: 100, seed: 22 },
  );
});

test('of many sessions the share is kept', () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => ({ offsetNs: row, session: `${row}` }));
  for (const keep of [0.1, 0.5, 0.9]) {
    const { length } = traceTimes(rows, { ...RULES, keep }).rows;
    const error = Math.sqrt(20_000 * keep * (1 - keep));
    assert.ok(Math.abs(length - 20_000 * keep) < 4 * error, `${length} of 20000 for ${keep}`);
  }
  const other = traceTimes(rows, { ...RULES, keep: 0.5, seed: 2 }).rows;
  assert.notDeepEqual(other, traceTimes(rows, { ...RULES, keep: 0.5 }).rows);
});

test('speed warps times, and thinning does not change the length', () => {
  const rows = [0, 1, 3, 10].map((seconds) => ({
    offsetNs: seconds * SECOND,
    session: `${seconds}`,
  }));
  const twice = traceTimes(rows, { ...RULES, speed: 2 });
  assert.deepEqual([...twice.offsetsNs], [0, 0.5 * SECOND, 1.5 * SECOND, 5 * SECOND]);
  const lengths = [1, 0.5, 0.3].map((keep) => traceTimes(rows, { ...RULES, keep }).durationNs);
  assert.equal(new Set(lengths).size, 1);
});

test('a trace with even gaps is as long as the constant rate, and has its arrivals', () => {
  const curve = RateCurve.constant(200, SECOND);
  const plan = new Plan({ curve, arrival: 'constant', stream: randomStream(1, 'unused') });
  const rows: TraceRow[] = [];
  for (const cursor = plan.cursor(); cursor.offsetNs !== Infinity; cursor.advance()) {
    rows.push({ offsetNs: cursor.offsetNs, session: `${cursor.index}` });
  }
  const times = traceTimes(rows, RULES);
  assert.equal(times.durationNs, SECOND);
  assert.equal(times.peakPerSecond, 200);
  assert.deepEqual(
    events(times),
    rows.map(({ offsetNs }, row) => [row, offsetNs]),
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TimerWheel, WHEEL_TICK_NS } from '../../../src/base/time/timer-wheel.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MS = 1e6;
const SECOND = 1e9;

interface Firing {
  readonly index: number;
  readonly atNs: number;
}

function wheelOf(count: number, startNs = 0) {
  const clock = new FakeClock({ nowNs: startNs });
  const wheel = new TimerWheel(clock);
  const fired: Firing[] = [];
  const first = wheel.register(count, (index) => fired.push({ index, atNs: clock.nowNs() }));
  return { clock, wheel, fired, first };
}

describe('a timer of the wheel', () => {
  it('fires at its deadline or less than a tick later, never earlier', async () => {
    const { clock, wheel, fired, first } = wheelOf(1, 123_456);
    wheel.arm(first, 10.3 * MS);
    await clock.advanceTo(10.29 * MS);
    assert.equal(fired.length, 0);
    await clock.advanceTo(SECOND);
    assert.equal(fired.length, 1);
    assert.ok(fired[0]!.atNs >= 10.3 * MS && fired[0]!.atNs < 10.3 * MS + WHEEL_TICK_NS);
  });

  it('does not fire once it is cancelled, and cancelling twice does nothing', async () => {
    const { clock, wheel, fired, first } = wheelOf(2);
    wheel.arm(first, 5 * MS);
    wheel.arm(first + 1, 5 * MS);
    wheel.cancel(first);
    wheel.cancel(first);
    assert.equal(wheel.armed, 1);
    await clock.advanceTo(SECOND);
    assert.deepEqual(
      fired.map(({ index }) => index),
      [1],
    );
  });

  it('is moved when it is armed again', async () => {
    const { clock, wheel, fired, first } = wheelOf(1);
    wheel.arm(first, 5 * MS);
    wheel.arm(first, 50 * MS);
    assert.equal(wheel.armed, 1);
    await clock.advanceTo(49 * MS);
    assert.deepEqual(fired, []);
    await clock.advanceTo(SECOND);
    assert.deepEqual(fired, [{ index: 0, atNs: 50 * MS }]);
  });

  it('fires at once when its deadline has passed already', async () => {
    const { clock, wheel, fired, first } = wheelOf(1);
    await clock.advanceTo(40 * SECOND);
    wheel.arm(first, SECOND);
    await clock.advanceBy(WHEEL_TICK_NS);
    assert.equal(fired.length, 1);
  });

  it('keeps its deadline over several turns of the wheel', async () => {
    const { clock, wheel, fired, first } = wheelOf(1);
    const deadlineNs = 3600 * SECOND + 1;
    wheel.arm(first, deadlineNs);
    await clock.advanceTo(2 * 3600 * SECOND);
    assert.equal(fired.length, 1);
    assert.ok(fired[0]!.atNs >= deadlineNs && fired[0]!.atNs < deadlineNs + WHEEL_TICK_NS);
  });
});

describe('the wheel', () => {
  it('tells owners of their own timers by index, in the order of arming within a tick', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    const fired: string[] = [];
    const first = wheel.register(2, (index) => fired.push(`a${index}`));
    const second = wheel.register(2, (index) => fired.push(`b${index}`));
    wheel.arm(second + 1, 3.2 * MS);
    wheel.arm(first, 3.1 * MS);
    wheel.arm(second, 3.3 * MS);
    wheel.arm(first + 1, 1 * MS);
    await clock.advanceTo(SECOND);
    assert.deepEqual(fired, ['a1', 'b1', 'a0', 'b0']);
  });

  it('lets an owner cancel and arm timers of the same tick while they expire', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    const fired: number[] = [];
    const first = wheel.register(3, (index) => {
      fired.push(index);
      if (index !== 0 || fired.length > 1) return;
      wheel.cancel(first + 1);
      wheel.arm(first, clock.nowNs());
    });
    for (const index of [0, 1, 2]) wheel.arm(first + index, 2 * MS);
    await clock.advanceTo(SECOND);
    assert.deepEqual(fired, [0, 2, 0]);
    assert.equal(wheel.armed, 0);
  });

  it('waits for the next deadline only, not tick by tick', async () => {
    const { clock, wheel, first } = wheelOf(2);
    let wakes = 0;
    const after = clock.after.bind(clock);
    clock.after = (delayMs, callback) => {
      wakes++;
      return after(delayMs, callback);
    };
    wheel.arm(first, 30 * SECOND);
    for (let request = 0; request < 1000; request++) {
      await clock.advanceBy(10 * MS);
      wheel.arm(first, clock.nowNs() + 30 * SECOND);
    }
    assert.ok(wakes <= 2, `woken ${wakes} times in 10 s`);
  });

  it('holds no timer of the clock once it is closed', () => {
    const { clock, wheel, first } = wheelOf(1);
    wheel.arm(first, SECOND);
    assert.equal(clock.pendingTimers, 1);
    wheel.close();
    assert.equal(clock.pendingTimers, 0);
    assert.equal(wheel.armed, 0);
  });

  it('agrees with a sorted list of deadlines for any sequence of arming and cancelling', async () => {
    const step = fc.record({
      timer: fc.nat(9),
      arm: fc.boolean(),
      delayUs: fc.integer({ min: -2000, max: 200_000_000 }),
      pauseUs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000_000 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, wheel, fired, first } = wheelOf(10, 777);
        const deadlines = new Map<number, number>();
        const expected: number[] = [];
        for (const { timer, arm, delayUs, pauseUs } of steps) {
          wheel.cancel(first + timer);
          deadlines.delete(timer);
          if (arm) {
            const deadlineNs = clock.nowNs() + delayUs * 1000;
            wheel.arm(first + timer, deadlineNs);
            deadlines.set(timer, Math.max(deadlineNs, clock.nowNs()));
          }
          const before = fired.length;
          await clock.advanceBy(pauseUs * 1000);
          const nowNs = clock.nowNs();
          for (const { index, atNs } of fired.slice(before)) {
            const deadlineNs = deadlines.get(index);
            assert.ok(deadlineNs !== undefined, 'fired though it was not armed');
            assert.ok(atNs >= deadlineNs, 'fired early');
            assert.ok(atNs < deadlineNs + WHEEL_TICK_NS, 'fired late');
            expected.push(index);
            deadlines.delete(index);
          }
          for (const deadlineNs of deadlines.values()) {
            assert.ok(deadlineNs > nowNs - WHEEL_TICK_NS, 'did not fire in time');
          }
        }
        assert.equal(wheel.armed, deadlines.size);
        assert.equal(fired.length, expected.length);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { clockOriginNs, systemClock } from '../../../src/base/time/clock.ts';
import { hasKernelTimers, KernelTimer } from '../../../src/base/time/kernel-timer.ts';

const MS = 1e6;
const skip = hasKernelTimers() ? false : 'no timers of the kernel here';

interface Rung {
  readonly timer: KernelTimer;
  readonly atNs: number[];
  until(count: number): Promise<void>;
}

function rung(): Rung {
  const atNs: number[] = [];
  let wanted = { count: Infinity, resolve: (): void => {} };
  const timer = KernelTimer.create(() => {
    atNs.push(systemClock.nowNs());
    if (atNs.length >= wanted.count) wanted.resolve();
  })!;
  return {
    timer,
    atNs,
    async until(count) {
      // The timer does not keep this thread alive.
      const keepAlive = setInterval(() => {}, 1000);
      await new Promise<void>((resolve) => {
        wanted = { count, resolve };
        if (atNs.length >= count) resolve();
      });
      clearInterval(keepAlive);
    },
  };
}

function timersOpen(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.includes('timerfd')).length;
}

describe('a timer of the kernel', { skip }, () => {
  it('goes off once, never early, and within a fraction of a millisecond as a rule', async () => {
    const { timer, atNs, until } = rung();
    const originNs = clockOriginNs();
    const lagsNs: number[] = [];
    for (let round = 0; round < 40; round++) {
      const dueNs = systemClock.nowNs() + (0.3 + 0.05 * round) * MS;
      timer.set(originNs + dueNs);
      await until(round + 1);
      lagsNs.push(atNs.at(-1)! - dueNs);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(atNs.length, 40);
    // The two clocks are compared to within a microsecond.
    assert.ok(lagsNs.every((lagNs) => lagNs > -0.001 * MS));
    const median = lagsNs.toSorted((one, other) => one - other)[20]!;
    assert.ok(median < 20 * MS, `median ${median} ns`);
    timer.close();
  });

  it('goes off at once for a time that has passed', async () => {
    const { timer, until } = rung();
    timer.set(1);
    await until(1);
    timer.close();
  });

  it('forgets a time that is replaced or stopped', async () => {
    const { timer, atNs, until } = rung();
    const originNs = clockOriginNs();
    const startNs = systemClock.nowNs();
    timer.set(originNs + startNs + 5 * MS);
    timer.set(originNs + startNs + 40 * MS);
    await until(1);
    assert.ok(atNs[0]! - startNs >= 39.9 * MS);
    timer.set(originNs + systemClock.nowNs() + 5 * MS);
    timer.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(atNs.length, 1);
    timer.close();
  });

  it('takes times whose fraction rounds up to a whole second', async () => {
    const { timer, until } = rung();
    const secondsAgo = Math.floor((clockOriginNs() + systemClock.nowNs()) / 1e9) - 1;
    timer.set(secondsAgo * 1e9 + 999_999_999.9);
    await until(1);
    timer.close();
  });

  it('gives its descriptor back', async () => {
    const before = timersOpen();
    const timers = Array.from({ length: 50 }, () => rung().timer);
    assert.equal(timersOpen(), before + 50);
    for (const timer of timers) timer.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(timersOpen(), before);
  });

  it('survives collections of garbage while it is set', { timeout: 60_000 }, async () => {
    const { timer, until } = rung();
    const originNs = clockOriginNs();
    for (let round = 0; round < 300; round++) {
      timer.set(originNs + systemClock.nowNs() + 0.1 * MS);
      // Garbage that is enough for several collections, and buffers that take freed places.
      for (let i = 0; i < 200; i++) new Uint8Array(8).fill(round);
      if (round % 100 === 0) Array.from({ length: 200_000 }, () => ({}));
      await until(round + 1);
    }
    timer.close();
  });
});

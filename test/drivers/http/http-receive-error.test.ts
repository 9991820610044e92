import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { driver } from '../../../src/drivers/http/index.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { startReferenceProcess, type ReferenceProcess } from '../../support/reference-process.ts';

const SERVICE_MS = 5;
const BUSY_MS = 40;
const BUSY_AFTER_MS = 2;
const STEP = { verb: 'request', spec: { path: '/' } };

/** Keeps the event loop, as a slow callback of somebody would. */
function busyFor(durationMs: number): { fromNs: number; toNs: number } {
  const fromMs = performance.now();
  while (performance.now() - fromMs < durationMs);
  return { fromNs: fromMs * 1e6, toNs: performance.now() * 1e6 };
}

describe('the receive error of the http driver', () => {
  let server: ReferenceProcess;
  let bench: DriverBench;

  before(async () => {
    server = await startReferenceProcess(`--service-time=${SERVICE_MS}ms`);
    bench = await DriverBench.of(driver, { url: server.url });
  });

  after(async () => {
    bench.close();
    await server.stop();
  });

  it('holds the wait behind a busy callback, and no more than the service time', async () => {
    const session = bench.driver.open(0);
    await bench.run(session, STEP);
    for (let repetition = 0; repetition < 5; repetition++) {
      const busy = Promise.withResolvers<{ fromNs: number; toNs: number }>();
      setTimeout(() => busy.resolve(busyFor(BUSY_MS)), BUSY_AFTER_MS);
      const { sent, done } = await bench.run(session, STEP);
      const { toNs } = await busy.promise;
      const errorNs = done - Math.max(bench.slots.free[0]!, sent);
      // The server answers a moment after its service time; from then on the answer lay there.
      const lowestMs = (toNs - sent) / 1e6 - SERVICE_MS - 15;
      assert.ok(errorNs / 1e6 >= lowestMs, `${errorNs / 1e6} ms of ${lowestMs} ms`);
      assert.ok(errorNs <= done - sent);
      assert.ok(done >= toNs, 'the answer was read behind the busy callback');
    }
    session.close();
  });

  it('is nothing for answers that wake a sleeping loop', async () => {
    const session = bench.driver.open(1);
    let nothing = 0;
    for (let repetition = 0; repetition < 20; repetition++) {
      const { sent, done } = await bench.run(session, STEP, { slot: 1 });
      if (done === Math.max(bench.slots.free[1]!, sent)) nothing++;
    }
    // A machine that is taken away at the wrong moment makes an answer wait; not half of the time.
    assert.ok(nothing >= 10, `${nothing} of 20`);
    session.close();
  });

  it('is not known of an operation that had no answer', async () => {
    const session = bench.driver.open(2);
    await bench.run(session, STEP, { slot: 2 });
    assert.ok(!Number.isNaN(bench.slots.free[2]!));
    const { outcome } = await bench.run(session, { ...STEP, timeoutMs: 1 }, { slot: 2 });
    assert.equal(outcome, 'timeout');
    assert.ok(Number.isNaN(bench.slots.free[2]!));
    session.close();
  });
});

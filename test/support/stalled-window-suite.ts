import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DriverDefinition } from '../../src/drivers/driver.ts';
import { OUTCOME } from '../../src/measure/metrics/outcome.ts';
import { FIRST_WINDOW_BYTES, startDeafServer } from './deaf-grpc-server.ts';
import { DriverBench, type StepOptions } from './driver-bench.ts';
import { runScenario } from './run-loadgen.ts';
import { startScriptedServer } from './scripted-server.ts';

export interface StalledCalls {
  readonly driver: DriverDefinition;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The method of the step, by its name in the service. */
  readonly method: string;
  /** A call whose request has more than `bytes`. */
  step(bytes: number): StepOptions;
  /**
   * Where a whole run is to be looked at too: a scenario whose VUs make such calls with a timeout of
   * 300 ms, `iterations` in all.
   */
  readonly scenario?: (load: { readonly url: string; readonly iterations: number }) => string;
}

/** Much more than any window that a server begins with. */
const BYTES = 400_000;
/** Frame heads, header fields, SETTINGS and the like. */
const OTHER_BYTES = 2_000;

function reasonOf(timeoutMs: number): string {
  return `no answer within ${timeoutMs} ms, the server does not take the request`;
}

/** What becomes of calls to a server that stops reading, so that their window never grows. */
export function testStalledWindows(title: string, stalled: StalledCalls): void {
  const { driver, options, method, scenario } = stalled;
  const large = stalled.step(BYTES);

  async function benchAt(t: TestContext, port: number, connections: number): Promise<DriverBench> {
    const url = `grpc://127.0.0.1:${port}`;
    const bench = await DriverBench.of(driver, { url, connections, ...(options && { options }) });
    t.after(() => bench.close());
    return bench;
  }

  describe(`${title} whose window is never opened again`, () => {
    it('ends with its timeout, having sent what the window took', async (t) => {
      const server = await startDeafServer(t, method);
      const bench = await benchAt(t, server.port, 1);
      const session = bench.driver.open(0);
      const record = await bench.run(session, { ...large, timeoutMs: 80 });
      assert.equal(record.outcome, 'timeout');
      assert.ok(record.done - record.granted >= 80e6);
      assert.ok(record.granted <= record.sent && record.sent <= record.done);
      assert.ok(record.bytesSent >= FIRST_WINDOW_BYTES, `${record.bytesSent} bytes`);
      assert.ok(record.bytesSent <= FIRST_WINDOW_BYTES + OTHER_BYTES, `${record.bytesSent} bytes`);
      assert.deepEqual(bench.reasons(), { [reasonOf(80)]: 1 });
      assert.equal(bench.wheel.armed, 0);
      assert.equal(bench.driver.openConnections!(), 1);
    });

    it('ends at once when it is aborted, and leaves its session usable', async (t) => {
      const server = await startDeafServer(t, method);
      const bench = await benchAt(t, server.port, 1);
      const session = bench.driver.open(0);
      await session.connect();
      const running = bench.run(session, large);
      session.abort(0, OUTCOME.interrupted);
      assert.equal((await running).outcome, 'interrupted');
      assert.equal(session.usable, true);
      assert.equal(bench.wheel.armed, 0);
    });

    it('is given up alone: the others of its connection go on, and so do later calls', async (t) => {
      const server = await startDeafServer(t, method);
      const bench = await benchAt(t, server.port, 1);
      const sessions = Array.from({ length: 8 }, (_, slot) => bench.driver.open(slot));
      const records = await Promise.all(
        sessions.map((session, slot) => bench.run(session, { ...large, timeoutMs: 80 }, { slot })),
      );
      for (const { outcome, bytesSent } of records) {
        assert.equal(outcome, 'timeout');
        assert.ok(bytesSent <= FIRST_WINDOW_BYTES + OTHER_BYTES, `${bytesSent} bytes`);
      }
      assert.deepEqual(bench.reasons(), { [reasonOf(80)]: 8 });
      server.listen();
      for (const [slot, session] of sessions.entries()) {
        assert.equal((await bench.run(session, large, { slot })).outcome, 'ok');
      }
      assert.equal(bench.driver.openConnections!(), 1);
      assert.equal(bench.wheel.armed, 0);
      assert.equal(server.calls(), 16);
    });

    it('shares the window of its connection, and its fate', async (t) => {
      // It says its SETTINGS and no more: neither window ever grows.
      const server = await startScriptedServer(({ socket }) => {
        socket.write(Buffer.from('000000040000000000', 'hex'));
      });
      t.after(() => server.close());
      const bench = await benchAt(t, server.port, 1);
      const sessions = Array.from({ length: 8 }, (_, slot) => bench.driver.open(slot));
      let sent = 0;
      for (let round = 1; round <= 2; round++) {
        const records = await Promise.all(
          sessions.map((session, slot) =>
            bench.run(session, { ...large, timeoutMs: 80 }, { slot }),
          ),
        );
        assert.ok(records.every(({ outcome }) => outcome === 'timeout'));
        assert.ok(records.every((record) => record.sent >= record.granted));
        sent += records.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
        assert.ok(sent >= FIRST_WINDOW_BYTES, `${sent} bytes`);
        assert.ok(sent <= FIRST_WINDOW_BYTES + 8 * OTHER_BYTES, `${sent} bytes in one window`);
        assert.deepEqual(bench.reasons(), { [reasonOf(80)]: 8 * round });
      }
      assert.equal(server.connections.length, 1);
      assert.equal(bench.wheel.armed, 0);
    });

    if (scenario === undefined) return;
    it('is accounted for in a run, once each', async (t) => {
      const server = await startDeafServer(t, method);
      const url = `grpc://127.0.0.1:${server.port}`;
      const { code, errors, result } = await runScenario(scenario({ url, iterations: 8 }));
      assert.ok(code === 0 || code === 90, `${code}: ${errors}`);
      const { started, attempted, operations, inFlight } = result.accounts.measure;
      assert.deepEqual([started, attempted, inFlight], [8, 8, 0]);
      assert.deepEqual(
        Object.entries(operations).filter(([, count]) => count > 0),
        [['timeout', 8]],
      );
      const reasons = result.failureReasons.map(({ reason, count }) => [reason, count]);
      assert.deepEqual(reasons, [[reasonOf(300), 8]]);
      assert.equal(server.calls(), 8);
    });
  });
}

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import type { DriverDefinition } from '../../src/drivers/driver.ts';
import { DRIVER_NAMES, loadDriver } from '../../src/drivers/registry.ts';
import { isReservedMetric } from '../../src/measure/metrics/driver-metrics.ts';
import type { MetricDeclaration } from '../../src/measure/metrics/metric.ts';
import { OUTCOME } from '../../src/measure/metrics/outcome.ts';
import { startCountingProxy } from '../support/counting-proxy.ts';
import {
  DriverBench,
  type DriverBenchOptions,
  type OperationRecord,
} from '../support/driver-bench.ts';
import type { DriverFixture, FixtureModule, FixtureServer } from './driver-fixture.ts';

/** Nothing of this process runs meanwhile. */
function blockEventLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function assertStampsInOrder(intended: number, record: OperationRecord, title: string): void {
  const stamps = [intended, record.acquired, record.granted, record.sent, record.done];
  assert.deepEqual(
    stamps,
    stamps.toSorted((a, b) => a - b),
    title,
  );
}

/** Metrics of all drivers so far: series of one name are added, whatever their driver. */
const declared = new Map<string, MetricDeclaration>();

function nameWithTags({ name, tags = {} }: MetricDeclaration): string {
  return `${name}${JSON.stringify(tags)}`;
}

/** The outcome of an answer that is refused in the middle. */
const REFUSED = 'protocol_error';

for (const name of DRIVER_NAMES) {
  const definition: DriverDefinition = await loadDriver(name);
  const { fixture, variants = {} } = (await import(`./${name}/fixture.ts`)) as FixtureModule;
  conform(`the ${name} driver`, name, definition, fixture);
  for (const [options, variant] of Object.entries(variants)) {
    conform(`the ${name} driver with ${options}`, name, definition, variant);
  }
}

function conform(
  title: string,
  name: string,
  definition: DriverDefinition,
  fixture: DriverFixture,
): void {
  const { steps } = fixture;

  describe(title, { skip: fixture.skip ?? false }, () => {
    let server: FixtureServer;
    before(async () => (server = await fixture.start()));
    after(() => server.stop());

    async function benchFor(
      t: TestContext,
      options: Partial<DriverBenchOptions> = {},
    ): Promise<DriverBench> {
      const url = server.url(server.port);
      const target = fixture.options ?? {};
      const bench = await DriverBench.of(definition, { url, options: target, ...options });
      t.after(() => bench.close());
      return bench;
    }

    it('declares metrics that the recorder and thresholds can take', () => {
      const { phases, counters = [], sampled = [] } = definition;
      const all = [...phases, ...counters, ...sampled];
      const names = all.map(nameWithTags);
      assert.equal(new Set(names).size, names.length, 'each name once with its tags');
      for (const metric of all) {
        assert.ok(!isReservedMetric(metric.name), `${metric.name} is a name of loadgen's own`);
        assert.match(metric.name, /^[a-z][a-z0-9_]*$/);
        assert.notEqual(metric.description, '');
        assert.equal(metric.kind, counters.includes(metric) ? 'counter' : 'histogram');
        const declaredName = nameWithTags(metric);
        assert.deepEqual(declared.get(declaredName) ?? metric, metric, 'as another driver does');
        declared.set(declaredName, metric);
      }
    });

    it('names what its servers count of themselves as theirs', () => {
      for (const { name: metric, kind } of definition.serverStats?.metrics ?? []) {
        assert.match(metric, /^server_[a-z0-9_]+$/);
        assert.ok(kind === 'counter' || kind === 'gauge', `${metric} is a ${kind}`);
      }
    });

    it('describes each of its keys, for the reference page', () => {
      assert.equal(definition.name, name);
      const schemas = Object.values(definition.verbs).map(({ schema }) => schema);
      for (const schema of [definition.targetOptions, ...schemas]) {
        const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
        for (const [key, property] of Object.entries(properties)) {
          assert.ok((property as { description?: string }).description, `${key} has none`);
        }
      }
    });

    it('has a connection open, or says that it cannot', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      assert.equal(await session.connect(), true);
      assert.equal(session.usable, true);
    });

    it('stamps an operation in order: intended, acquired, granted, sent, done', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      for (let count = 0; count < 5; count++) {
        const intended = bench.clock.nowNs();
        const record = await bench.run(session, steps.ok);
        assert.equal(record.outcome, 'ok');
        assertStampsInOrder(intended, record, `operation ${count}`);
        assert.ok(record.done <= bench.clock.nowNs());
        if (count > 0) assert.equal(record.granted, record.acquired);
        for (const phaseNs of Object.values(record.phases)) {
          assert.ok(phaseNs >= 0 && phaseNs <= record.done - intended);
        }
      }
    });

    it('takes as long as the server took, and not much longer', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      await session.connect();
      const { sent, done } = await bench.run(session, steps.delayed(50));
      assert.ok(done - sent >= 50e6, `${done - sent} ns is less than the server took`);
    });

    it('counts the bytes that a proxy between it and the server counts', async (t) => {
      const proxy = await startCountingProxy(server.port);
      t.after(() => proxy.close());
      const bench = await benchFor(t, { url: server.url(proxy.port) });
      const session = bench.driver.open(0);
      let sent = 0;
      let received = 0;
      for (const step of [
        steps.ok,
        steps.large(300_000),
        steps.ok,
        ...steps.failing.filter(([, , outcome]) => outcome !== REFUSED).map(([, step]) => step),
      ]) {
        const record = await bench.run(session, step);
        sent += record.bytesSent;
        received += record.bytesReceived;
        assert.equal(sent, proxy.sent(), JSON.stringify(step.spec));
        assert.equal(received, proxy.received(), JSON.stringify(step.spec));
      }
    });

    it('counts what it read of an answer until it refused it, and no more than was sent', async (t) => {
      for (const [title, step] of steps.failing.filter(([, , outcome]) => outcome === REFUSED)) {
        const proxy = await startCountingProxy(server.port);
        t.after(() => proxy.close());
        const bench = await benchFor(t, { url: server.url(proxy.port) });
        const { bytesSent, bytesReceived } = await bench.run(bench.driver.open(0), step);
        assert.equal(bytesSent, proxy.sent(), title);
        // What the server says after that is nobody's any more.
        assert.ok(bytesReceived > 0 && bytesReceived <= proxy.received(), title);
      }
    });

    it('uses one connection for all operations of a session, and a new one each if told so', async (t) => {
      const bench = await benchFor(t);
      const before = await server.connectionsAccepted();
      const session = bench.driver.open(0);
      for (let count = 0; count < 20; count++) await bench.run(session, steps.ok);
      const between = await server.connectionsAccepted();
      // Each question asks over a connection of its own.
      assert.equal(between - before, 2);
      const single = await benchFor(t, { connection: 'perRequest' });
      const other = single.driver.open(0);
      for (let count = 0; count < 20; count++) {
        assert.equal((await single.run(other, steps.ok)).outcome, 'ok');
      }
      const accepted = (await server.connectionsAccepted()) - between;
      assert.equal(accepted, 21 + (fixture.firstConnections ?? 0));
    });

    for (const [title, step, outcome] of steps.failing) {
      it(`calls it ${outcome}: ${title}; and works again afterwards`, async (t) => {
        const bench = await benchFor(t);
        const session = bench.driver.open(0);
        for (let round = 0; round < 3; round++) {
          const intended = bench.clock.nowNs();
          const record = await bench.run(session, step);
          assert.equal(record.outcome, outcome);
          assertStampsInOrder(intended, record, title);
          assert.equal((await bench.run(session, steps.ok)).outcome, 'ok');
        }
        const reasons = Object.values(bench.reasons());
        assert.deepEqual(reasons, [3], 'one reason, counted each time');
        assert.equal(bench.slots.generation[0], 6);
        assert.equal(bench.wheel.armed, 0);
      });
    }

    it('calls it timeout when no answer comes in time', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      const record = await bench.run(session, { ...steps.silence, timeoutMs: 60 });
      assert.equal(record.outcome, 'timeout');
      assert.equal((await bench.run(session, steps.ok)).outcome, 'ok');
    });

    it('waits the whole timeout, from granted, where the server does not end it first', async (t) => {
      // A gRPC server is told the timeout and may say by its own clock that it is over.
      const proxy = await startCountingProxy(server.port);
      t.after(() => proxy.close());
      const bench = await benchFor(t, { url: server.url(proxy.port) });
      const session = bench.driver.open(0);
      await session.connect();
      proxy.mute();
      const record = await bench.run(session, { ...steps.silence, timeoutMs: 60 });
      assert.equal(record.outcome, 'timeout');
      const waitedNs = record.done - record.granted;
      assert.ok(waitedNs >= 60e6, `${waitedNs} ns`);
      proxy.unmute();
      assert.equal((await bench.run(session, steps.ok)).outcome, 'ok');
    });

    it('counts an answer that is read after its timeout as late', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      await session.connect();
      const running = bench.run(session, { ...steps.delayed(60), timeoutMs: 30 });
      blockEventLoop(250);
      assert.equal((await running).outcome, 'timeout');
      assert.equal(bench.driver.lateAnswers, 1);
    });

    it('calls it connect_failed when nobody listens there', async (t) => {
      const proxy = await startCountingProxy(server.port);
      await proxy.close();
      const bench = await benchFor(t, { url: server.url(proxy.port) });
      const session = bench.driver.open(0);
      assert.equal(await session.connect(), false);
      const record = await bench.run(session, steps.ok);
      assert.equal(record.outcome, 'connect_failed');
      assert.deepEqual([record.sent, record.bytesSent], [0, 0]);
    });

    it('ends an operation at once with the outcome given when it is aborted', async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      await session.connect();
      const running = bench.run(session, steps.silence);
      session.abort(0, OUTCOME.interrupted);
      assert.equal((await running).outcome, 'interrupted');
      assert.equal((await bench.run(session, steps.ok)).outcome, 'ok');
      assert.deepEqual(bench.reasons(), {});
    });

    it('keeps many sessions apart', async (t) => {
      const bench = await benchFor(t);
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, async (_, slot) => {
          const session = bench.driver.open(slot);
          const [, step, outcome] = steps.failing[slot % steps.failing.length]!;
          for (let count = 0; count < 5; count++) {
            assert.equal((await bench.run(session, steps.ok, { slot })).outcome, 'ok');
            assert.equal((await bench.run(session, step, { slot })).outcome, outcome);
          }
          return bench.slots.generation[slot];
        }),
      );
      assert.deepEqual(
        outcomes,
        outcomes.map(() => 10),
      );
    });

    it('loses its connection when the server dies, and finds none after that', async (t) => {
      const mortal = await fixture.start();
      t.after(() => mortal.stop());
      const bench = await benchFor(t, { url: mortal.url(mortal.port) });
      const session = bench.driver.open(0);
      assert.equal((await bench.run(session, steps.ok)).outcome, 'ok');
      assert.equal((await bench.run(session, steps.die)).outcome, 'connection_lost');
      await mortal.stop();
      assert.equal((await bench.run(session, steps.ok)).outcome, 'connect_failed');
    });
  });
}

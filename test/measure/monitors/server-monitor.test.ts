import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDeclaration } from '../../../src/measure/metrics/metric.ts';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import {
  SERVER_SERIES_LIMIT,
  ServerMonitor,
} from '../../../src/measure/monitors/server-monitor.ts';
import type { ServerReading } from '../../../src/measure/monitors/server-source.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function metric(name: string, kind: 'counter' | 'gauge'): MetricDeclaration {
  return { name, kind, unit: 'count', description: name, better: 'neither' };
}

const SERVED = metric('server_served', 'counter');
const WAITING = metric('server_waiting', 'gauge');

function reading(declaration: MetricDeclaration, value: number, tags = {}): ServerReading {
  return { declaration, tags: { target: 'db', ...tags }, value };
}

/** A server that shows what the test says; each look takes the next. */
function monitorOf(
  looks: (readonly ServerReading[] | Error | Promise<readonly ServerReading[]>)[],
  phase: 'warmup' | 'measure' = 'measure',
) {
  const clock = new FakeClock();
  let closed = false;
  const source = {
    target: 'db',
    kind: 'stats',
    everyNs: 1e9,
    async read() {
      const next = looks.shift() ?? new Error('nothing left');
      if (next instanceof Error) throw next;
      return await next;
    },
    close: () => (closed = true),
  } as const;
  const monitor = new ServerMonitor(source, clock, phase);
  return { clock, monitor, isClosed: () => closed };
}

test('of a counter it tells what it grew by, of a gauge each level it had', async () => {
  const { clock, monitor } = monitorOf([
    [reading(SERVED, 100), reading(WAITING, 1)],
    [reading(SERVED, 130), reading(WAITING, 5)],
    [reading(SERVED, 135), reading(WAITING, 3)],
    [reading(SERVED, 140), reading(WAITING, 0)],
  ]);
  await monitor.start();
  for (let second = 0; second < 2; second++) {
    await clock.advanceBy(1e9);
  }
  const seen = monitor.take('measure')!;
  assert.equal(seen.counter('server_served', { target: 'db' }), 35);
  const { average, max, last, count } = seen.gauge('server_waiting');
  assert.deepEqual([average, max, last, count], [3, 5, 3, 3]);
  assert.equal(monitor.take('measure'), undefined);
  await monitor.stop();
  assert.equal(monitor.take('measure')!.counter('server_served'), 5);
  const [total] = monitor.looks.totals;
  assert.deepEqual([total!.before, total!.after], [100, 140]);
});

test('what grew in the warm-up is told apart from what grew in the measured phase', async () => {
  const { monitor } = monitorOf(
    [[reading(SERVED, 10)], [reading(SERVED, 17)], [reading(SERVED, 50)]],
    'warmup',
  );
  await monitor.start();
  await monitor.measureBegan();
  await monitor.stop();
  assert.equal(monitor.take('warmup')!.counter('server_served', { phase: 'warmup' }), 7);
  assert.equal(monitor.take('measure')!.counter('server_served'), 33);
});

test('a counter that shows up later grew from nothing, one that went back began anew', async () => {
  const other = { code: '500' };
  const { monitor } = monitorOf([
    [reading(SERVED, 10)],
    [reading(SERVED, 4), reading(SERVED, 2, other)],
  ]);
  await monitor.start();
  await monitor.stop();
  const seen = monitor.take('measure')!;
  assert.equal(seen.counter('server_served', other), 2);
  assert.equal(seen.counter('server_served'), 0 + 4 + 2);
});

test('a look that fails is counted, and the next one tells all that grew since', async () => {
  const { clock, monitor } = monitorOf([
    [reading(SERVED, 10)],
    new Error('status 503'),
    [reading(SERVED, 25)],
    [reading(SERVED, 25)],
  ]);
  await monitor.start();
  for (let second = 0; second < 2; second++) {
    await clock.advanceBy(1e9);
  }
  const { looks, failures, lastError } = monitor.looks;
  assert.deepEqual([looks, failures, lastError], [3, 1, 'status 503']);
  assert.equal(monitor.take('measure')!.counter('server_served'), 15);
});

test('there is never more than one look under way, and a slow server costs no more', async () => {
  const slow = Promise.withResolvers<readonly ServerReading[]>();
  const { clock, monitor, isClosed } = monitorOf([[reading(SERVED, 1)], slow.promise]);
  await monitor.start();
  for (let second = 0; second < 8; second++) {
    await clock.advanceBy(1e9);
  }
  assert.deepEqual([monitor.looks.looks, monitor.looks.failures, monitor.looks.missed], [2, 1, 7]);
  assert.match(monitor.looks.lastError!, /no answer within 5000 ms/);
  await monitor.stop();
  assert.ok(isClosed());
});

test('a server with endless series has those that fit, and the others are counted', async () => {
  const page = Array.from({ length: SERVER_SERIES_LIMIT + 7 }, (_, index) =>
    reading(SERVED, index, { path: `/${index}` }),
  );
  const { monitor } = monitorOf([page, page]);
  await monitor.start();
  await monitor.stop();
  assert.equal(monitor.looks.turnedAway, 7);
  assert.equal(monitor.take('measure')!.seriesTags('server_served').length, SERVER_SERIES_LIMIT);
});

test('a series that a page shows twice counts once', async () => {
  const { monitor } = monitorOf([[reading(SERVED, 1)], [reading(SERVED, 5), reading(SERVED, 5)]]);
  await monitor.start();
  await monitor.stop();
  assert.equal(monitor.take('measure')!.counter('server_served'), 4);
});

test('what was seen is added to a trial whose workers know nothing of it', () => {
  const total = new MetricStore([], 10);
  const seen = MetricStore.ofValues([reading(SERVED, 20), reading(WAITING, 3)], 'measure');
  total.add(seen);
  total.add(MetricStore.ofValues([reading(SERVED, 1), reading(WAITING, 5)], 'measure'));
  assert.equal(total.counter('server_served'), 21);
  assert.equal(total.gauge('server_waiting').average, 4);
  assert.equal(total.declarations.get('server_served'), SERVED);
  assert.equal(seen.counter('server_served'), 20, 'taken over by value');
});

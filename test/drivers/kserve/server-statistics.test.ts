import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { driver } from '../../../src/drivers/kserve/index.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';

/** Three requests for two inferences each. */
async function load(url: string): Promise<void> {
  const bench = await DriverBench.of(driver, { url });
  const session = bench.driver.open(0);
  const vector = { datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] };
  const spec = { model: 'add', inputs: { INPUT0: vector, INPUT1: vector } };
  for (let count = 0; count < 3; count++) {
    assert.equal((await bench.run(session, { verb: 'infer', spec })).outcome, 'ok');
  }
  const odd = { ...spec, inputs: { INPUT0: vector } };
  assert.equal((await bench.run(session, { verb: 'infer', spec: odd })).outcome, 'status_error');
  bench.close();
}

describe('the statistics of a server', () => {
  let server: KserveProcess;
  before(async () => (server = await startKserveProcess()));
  after(() => server.stop());

  for (const protocol of ['http', 'grpc'] as const) {
    it(`count what it did, and time it where it did something, over ${protocol}`, async (t) => {
      const port = protocol === 'http' ? server.httpPort : server.grpcPort;
      const url = `${protocol}://127.0.0.1:${port}`;
      const { open } = await driver.serverStats!.load();
      const sampler = open({ name: 'target', url, options: {}, baseFolder: '.' });
      t.after(() => sampler.close());
      const first = await sampler.sample();
      await load(url);
      const second = await sampler.sample();
      const idle = await sampler.sample();
      const grown = (name: string): number => second[name]! - first[name]!;
      assert.deepEqual(
        ['server_requests', 'server_failures', 'server_inferences', 'server_executions'].map(grown),
        [3, 1, 6, 3],
      );
      assert.equal(second['server_batch_size'], 2);
      const { server_request_time: requestNs, server_queue_time: queueNs } = second;
      const { server_compute_infer_time: computeNs } = second;
      assert.ok(requestNs! > 0 && queueNs! >= 0 && computeNs! > 0);
      // The reference server has these two parts and nothing between them; it counts whole ns.
      assert.ok(Math.abs(requestNs! - queueNs! - computeNs!) <= 2);
      assert.ok(Number.isNaN(idle['server_queue_time']));
      const declared = new Set(driver.serverStats!.metrics.map(({ name }) => name));
      assert.ok(Object.keys(second).every((name) => declared.has(name)));
    });
  }

  it('cannot be had from one that is not there', async (t) => {
    const { open } = await driver.serverStats!.load();
    const context = { name: 'target', options: {}, baseFolder: '.' };
    const sampler = open({ ...context, url: 'http://127.0.0.1:1' });
    t.after(() => sampler.close());
    await assert.rejects(sampler.sample(), /ECONNREFUSED/);
  });
});

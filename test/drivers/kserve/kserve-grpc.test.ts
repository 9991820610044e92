import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { driver } from '../../../src/drivers/kserve/index.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';
import { faulty } from './fixture.ts';

describe('over gRPC', () => {
  let server: KserveProcess;
  before(async () => (server = await startKserveProcess('--allow-die')));
  after(() => server.stop());

  async function bench(t: TestContext, options = {}): Promise<DriverBench> {
    const url = `grpc://127.0.0.1:${server.grpcPort}`;
    const made = await DriverBench.of(driver, { url, options });
    t.after(() => made.close());
    return made;
  }

  it('says what of an answer does not fit', async (t) => {
    const made = await bench(t);
    const { outcome } = await made.run(made.driver.open(0), faulty('short-tensor'));
    assert.equal(outcome, 'protocol_error');
    const reason = 'output OUT: 5 bytes that are not the 1 elements of BYTES [1]';
    assert.deepEqual(made.reasons(), { [reason]: 1 });
  });

  it('stamps and counts as over HTTP: sizes, no phase of a message', async (t) => {
    const made = await bench(t);
    const session = made.driver.open(0);
    const record = await made.run(session, faulty('large:300000'));
    assert.equal(record.outcome, 'ok');
    assert.ok(record.bytesReceived > 300_000 && record.bytesReceived < 310_000);
    assert.deepEqual(Object.keys(record.phases), ['connect_time']);
  });

  it('shares connections where it is told so, which HTTP cannot', async (t) => {
    const url = `grpc://127.0.0.1:${server.grpcPort}`;
    const made = await DriverBench.of(driver, { url, connections: 1 });
    t.after(() => made.close());
    const records = await Promise.all(
      Array.from({ length: 8 }, (_, slot) =>
        made.run(made.driver.open(slot), faulty('delay:30'), { slot }),
      ),
    );
    assert.ok(records.every(({ outcome }) => outcome === 'ok'));
    assert.equal(made.driver.openConnections!(), 1);
    const http = { url: `http://127.0.0.1:${server.httpPort}`, connections: 1 };
    await assert.rejects(DriverBench.of(driver, http), /connections is for grpc:\/\//);
  });

  it('is asked for readiness and metadata as over HTTP', async (t) => {
    const made = await bench(t);
    const vector = { datatype: 'FP32', shape: [1, 2], data: [1, 2] };
    const inputs = { INPUT0: vector, INPUT1: vector };
    made.compile({ verb: 'infer', spec: { model: 'add', inputs } });
    await made.driver.ready!();
    made.compile({ verb: 'infer', spec: { model: 'add', inputs, outputs: ['PRODUCT'] } });
    await assert.rejects(made.driver.ready!(), /model add has no output PRODUCT; it has SUM FP32/);
    const other = await bench(t);
    other.compile({ verb: 'infer', spec: { model: 'nope', inputs } });
    await assert.rejects(other.driver.ready!(), /it has no model nope; it has add, echo/);
  });

  it('has no tensors in JSON, and no header that differs from call to call', async (t) => {
    const made = await bench(t);
    const { spec } = faulty('none');
    const json = { verb: 'infer', spec: { ...(spec as object), binary: false } };
    assert.throws(() => made.compile(json), /binary: false is for HTTP/);
    const headers = { 'x-row': '{{ row.id }}' };
    const changing = await bench(t, { headers });
    assert.throws(() => changing.compile(faulty('none')), /header x-row: over gRPC/);
  });
});

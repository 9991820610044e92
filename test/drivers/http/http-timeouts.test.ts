import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { answering } from '../../support/scripted-server.ts';
import { startReferenceProcess, type ReferenceProcess } from '../../support/reference-process.ts';
import { httpBench, OK, request, scripted } from './http-fixture.ts';

const MS = 1e6;

describe('a timeout', () => {
  it('counts from the moment at which the connection was usable, and closes it', async (t) => {
    const { server, bench } = await scripted(t, (connection) => {
      if (connection.index > 0) answering(OK)(connection);
    });
    const session = bench.driver.open(0);
    const late = await bench.run(session, request({}, { timeoutMs: 50 }));
    assert.equal(late.outcome, 'timeout');
    assert.ok(late.done - late.granted >= 50 * MS, `${late.done - late.granted}`);
    assert.deepEqual(bench.reasons(), { 'no answer within 50 ms': 1 });
    assert.equal(session.usable, false);
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    assert.equal(server.connections.length, 2);
  });

  it('ends an answer that has begun', async (t) => {
    const { bench } = await scripted(t, ({ socket, receives }) => {
      void receives('\r\n\r\n').then(() => socket.write('HTTP/1.1 200 OK\r\n\r\nnever ends'));
    });
    const record = await bench.run(bench.driver.open(0), request({}, { timeoutMs: 50 }));
    assert.equal(record.outcome, 'timeout');
    assert.ok(record.bytesReceived > 0);
  });

  it('leaves no timer armed when answers come in time', async (t) => {
    const { bench } = await scripted(t, answering(OK));
    const session = bench.driver.open(0);
    await bench.run(session, request());
    assert.equal(bench.wheel.armed, 0);
  });
});

describe('an answer that arrives while the event loop is blocked', () => {
  let reference: ReferenceProcess;
  before(async () => (reference = await startReferenceProcess()));
  after(() => reference.stop());

  /** Nothing of this process runs meanwhile. */
  function block(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  it('is read before its timeout is believed, and counted as late', async (t) => {
    const bench = await httpBench(t, { url: reference.url });
    const session = bench.driver.open(0);
    await session.connect();
    const path = '/fixed?ms=80';
    const running = bench.run(session, request({ path }, { timeoutMs: 40, reads: ['text'] }));
    block(250);
    const record = await running;
    assert.equal(record.outcome, 'timeout');
    assert.ok(record.bytesReceived > 0, 'it was read');
    assert.equal(session.result['text'], undefined);
    assert.equal(bench.driver.lateAnswers, 1);
    assert.equal(session.usable, false);
  });

  it('is a timeout with nothing read where none arrived', async (t) => {
    const bench = await httpBench(t, { url: reference.url });
    const session = bench.driver.open(0);
    await session.connect();
    const running = bench.run(session, request({ path: '/silence' }, { timeoutMs: 40 }));
    block(100);
    const record = await running;
    assert.deepEqual([record.outcome, record.bytesReceived], ['timeout', 0]);
    assert.equal(bench.driver.lateAnswers, 0);
  });
});

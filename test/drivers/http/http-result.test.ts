import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  FAILURE_REASONS_LIMIT,
  FailureReasons,
} from '../../../src/drivers/vocabulary/failure-reasons.ts';
import { answering } from '../../support/scripted-server.ts';
import { request, scripted } from './http-fixture.ts';

const ALL = ['status', 'json', 'headers', 'text'];

describe('the result of a request', () => {
  function answer(body: string, headers = ''): string {
    return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  it('has status, JSON, headers by lower-case name, and text', async (t) => {
    const body = JSON.stringify({ embeddings: [[1, 2]], text: 'é' });
    const { bench } = await scripted(t, answering(answer(body, 'X-Id: 5\r\n')));
    const session = bench.driver.open(0);
    await bench.run(session, request({}, { reads: ALL }));
    const { status, json, headers, text } = session.result;
    assert.equal(status, 200);
    assert.deepEqual(json, { embeddings: [[1, 2]], text: 'é' });
    assert.equal(session.result['json'], json, 'read once');
    assert.deepEqual(headers, { 'x-id': '5', 'content-length': String(Buffer.byteLength(body)) });
    assert.equal(text, body);
  });

  it('has no JSON where the body is none', async (t) => {
    const { bench } = await scripted(t, answering(answer('<html>')));
    const session = bench.driver.open(0);
    await bench.run(session, request({}, { reads: ALL }));
    assert.equal(session.result['json'], undefined);
    assert.equal(session.result['text'], '<html>');
  });

  it('has only the status where nothing else is read', async (t) => {
    const { bench } = await scripted(t, answering(answer('{"a":1}')));
    const session = bench.driver.open(0);
    await bench.run(session, request({}, { reads: ['status'] }));
    const { status, json, headers, text } = session.result;
    assert.deepEqual([status, json, headers, text], [200, undefined, undefined, undefined]);
  });

  it('is that of the last answer', async (t) => {
    const { bench } = await scripted(t, (connection) => {
      let count = 0;
      connection.socket.on('data', () => connection.socket.write(answer(`[${count++}]`)));
    });
    const session = bench.driver.open(0);
    for (let count = 0; count < 3; count++) {
      await bench.run(session, request({}, { reads: ALL }));
      assert.deepEqual(session.result['json'], [count]);
      assert.equal(session.result['text'], `[${count}]`);
    }
  });
});

describe('reasons for people', () => {
  it('are counted by their words, a limited number of them and the others together', () => {
    const reasons = new FailureReasons();
    for (let index = 0; index < FAILURE_REASONS_LIMIT + 10; index++) reasons.count(`r${index}`);
    reasons.count('r0');
    assert.equal(reasons.counts.size, FAILURE_REASONS_LIMIT + 1);
    assert.equal(reasons.counts.get('r0'), 2);
    assert.equal(reasons.counts.get('other'), 10);
  });
});

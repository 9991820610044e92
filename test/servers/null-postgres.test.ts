import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Client } from 'pg';
import { Conversation, NotUnderstood } from '../../servers/null-postgres/conversation.ts';
import { startNullPostgres } from '../../servers/null-postgres/server.ts';

test('pg is let in, and has its statements completed without rows', async (t) => {
  const server = await startNullPostgres({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const client = new Client({ connectionString: `postgres://a@127.0.0.1:${server.port}/b` });
  await client.connect();
  for (const query of [
    { text: 'SELECT 1' },
    { text: 'SELECT $1::int', values: [1] },
    { text: 'SELECT $1::int', values: [1], name: 'one' },
    { text: 'SELECT $1::int', values: [2], name: 'one' },
  ]) {
    const { rows } = await client.query(query);
    assert.deepEqual(rows, []);
  }
  await client.end();
});

function said(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

test('answers are the same however what was said is cut', () => {
  const bytes = Buffer.concat([
    said('', '\0\x03\0\0user\0a\0\0'),
    said('P', 's\0SELECT 1\0\0\0'),
    said('B', '\0s\0\0\0\0\0\0\0'),
    said('E', '\0\0\0\0\0'),
    said('S', ''),
    said('Q', 'SELECT 1\0'),
  ]);
  const whole = new Conversation().push(bytes);
  assert.match(whole.toString('latin1'), /^R.*Z.{4}I1.{4}2.{4}C.{4}SELECT 0\0Z.{4}IC.*Z.{4}I$/s);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (places) => {
      const conversation = new Conversation();
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const replies = cuts
        .slice(1)
        .map((end, index) => conversation.push(bytes.subarray(cuts[index], end)));
      assert.deepEqual(Buffer.concat(replies), whole);
    }),
  );
});

test('what is no message is refused', () => {
  assert.throws(() => new Conversation().push(Buffer.from('GET / HTTP/1.1\r\n')), NotUnderstood);
});

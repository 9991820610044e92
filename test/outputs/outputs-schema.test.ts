import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../src/outputs/address.ts';
import { outputsSchema } from '../../src/outputs/outputs-schema.ts';

const TOKEN = 'a-token-of-some-length';

for (const listen of ['127.0.0.1:9464', '127.8.8.8:1', 'localhost:9464', '[::1]:9464']) {
  test(`${listen} is on this machine, and needs no token`, () => {
    assert.ok(outputsSchema.safeParse({ prometheus: { listen } }).success);
  });
}

for (const listen of ['0.0.0.0:9464', '[::]:9464', '10.0.0.1:9464', 'localhost.evil.example:80']) {
  test(`${listen} can be reached from elsewhere, and is refused without a token`, () => {
    const refused = outputsSchema.safeParse({ prometheus: { listen } });
    assert.match(String(refused.error?.issues[0]?.message), /only with a `token`/);
    assert.ok(outputsSchema.safeParse({ prometheus: { listen, token: TOKEN } }).success);
  });
}

test('a token that can be guessed is refused', () => {
  assert.ok(!outputsSchema.safeParse({ prometheus: { listen: '0.0.0.0:1', token: 'x' } }).success);
});

test('a url with a password is refused, since errors would show it', () => {
  const parsed = outputsSchema.safeParse({ otlp: { url: 'http://user:secret@127.0.0.1:4318' } });
  assert.match(String(parsed.error?.issues[0]?.message), /in `headers`/);
  assert.ok(!String(parsed.error?.issues[0]?.message).includes('secret'));
});

test('addresses are a host and a port, and nothing else', () => {
  assert.deepEqual(parseAddress('[::1]:80'), { host: '::1', port: 80 });
  for (const text of ['::1:80', 'host', 'host:', 'host:99999', 'http://h:1', '[x]:1', ' h:1']) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

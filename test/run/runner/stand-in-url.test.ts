import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standInUrl } from '../../../src/run/runner/stand-in-server.ts';

const SERVER = { url: 'http://127.0.0.1:1', urls: { grpc: 'grpc://127.0.0.1:2' } };

test('a stand-in with several addresses is reached as the target is', () => {
  const to = (url: string, server?: string): string =>
    standInUrl(SERVER, { url, ...(server !== undefined && { server }) });
  assert.equal(to('http://somewhere:8000'), SERVER.url);
  assert.equal(to('grpc://somewhere:8001'), SERVER.urls.grpc);
  assert.equal(to('https://somewhere'), SERVER.url);
  assert.equal(to('', 'triton'), SERVER.url);
  assert.equal(to('', 'triton:grpc'), SERVER.urls.grpc);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../servers/reference/options.ts';
import { startReferenceServer } from '../../servers/reference/server.ts';

test('in an audit any path is answered and logged, with what the client called it', async () => {
  const server = await startReferenceServer({ port: 0, audit: true });
  try {
    const ask = async (path: string, init?: RequestInit): Promise<number> => {
      const answer = await fetch(`${server.url}${path}`, init);
      await answer.arrayBuffer();
      return answer.status;
    };
    const headers = { 'x-operation': '2/41' };
    assert.equal(await ask('/health', { headers }), 200);
    assert.equal(await ask('/v1/any?ms=5000', { method: 'POST', body: 'x', headers }), 200);
    assert.equal(await ask('/status/500', { headers: { 'x-operation': 'no mark' } }), 200);
    assert.equal(await ask('/__count'), 200);
    const rows = [...server.log.entries()].map(({ path, status, mark }) => ({
      path,
      status,
      mark,
    }));
    assert.deepEqual(rows, [
      { path: '/health', status: 200, mark: { lane: 2, iteration: 41 } },
      { path: '/v1/any', status: 200, mark: { lane: 2, iteration: 41 } },
      { path: '/status/500', status: 200, mark: null },
    ]);
  } finally {
    await server.close();
  }
});

test('every so-many-th request fails as it was asked to', async () => {
  for (const how of [500, 503, 'close', 'reset'] as const) {
    const server = await startReferenceServer({ port: 0, failEvery: { every: 3, how } });
    try {
      const seen: (number | string)[] = [];
      for (let request = 1; request <= 6; request++) {
        const answer = await fetch(`${server.url}/`).catch(() => undefined);
        await answer?.arrayBuffer();
        seen.push(answer?.status ?? 'none');
      }
      const failed = typeof how === 'number' ? how : 'none';
      assert.deepEqual(seen, [200, 200, failed, 200, 200, failed]);
      const statuses = [...server.log.entries()].map(({ status }) => status);
      const logged = typeof how === 'number' ? how : 0;
      assert.deepEqual(statuses, [200, 200, logged, 200, 200, logged]);
    } finally {
      await server.close();
    }
  }
});

test('--fail-every refuses what is no failure', () => {
  assert.deepEqual(readOptions(['--fail-every', '10:reset']).failEvery, {
    every: 10,
    how: 'reset',
  });
  for (const text of ['10', '0:503', '10:200', '10:hang', ':503']) {
    assert.throws(() => readOptions(['--fail-every', text]), /--fail-every: .* is not N:STATUS/);
  }
});

/** Tests that the embedding servers around one ONNX model share, beyond the contract of them all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import {
  assertClose,
  assertEmbeddingContract,
  assertGracefulStop,
  embeddingsOf,
  sampleText,
} from './embedding-contract.ts';
import { runRefused, startByRecipe, whyNotInstalled } from './embedding-server.ts';

/** Declares the tests of the server with this recipe. */
export function testOnnxEmbeddingServer(name: string): void {
  const skip = whyNotInstalled(name);

  test(`${name} keeps the contract of all embedding servers`, { skip }, async (t) => {
    await using server = await startByRecipe(name);
    await assertEmbeddingContract(t, server.url, { maxBatch: 64 });
    await t.test('SIGTERM lets the request in flight finish and exits with 0', async () => {
      await assertGracefulStop(server.process, server.url, { texts: longTexts(16) });
    });
  });

  test(`${name} takes its limits from flags and environment`, { skip }, async () => {
    await using server = await startByRecipe(name, {
      flags: '--max-tokens 8 --max-body-bytes 500 --concurrency 2 --threads 2'.split(' '),
      env: { EMBEDDING_MAX_BATCH: '2' },
    });
    assert.equal((await post(server.url, { texts: ['a', 'b'] })).status, 200);
    assert.equal((await post(server.url, { texts: ['a', 'b', 'c'] })).status, 413);
    const frame = JSON.stringify({ texts: [''] }).length;
    assert.equal((await post(server.url, { texts: ['a'.repeat(500 - frame)] })).status, 200);
    assert.equal((await post(server.url, { texts: ['a'.repeat(501 - frame)] })).status, 413);
    await assertCutAfterSixTokens(server.url);
    server.process.kill('SIGINT');
    assert.deepEqual(await once(server.process, 'exit'), [0, null]);
  });

  test(`${name} serves the model that it was given`, { skip }, async () => {
    await using server = await startByRecipe(name);
    const answer = await (await post(server.url, { texts: ['a'], more: 1 })).json();
    assert.partialDeepStrictEqual(answer, { model: 'minilm-random', dim: 384 });
  });

  test(`${name} answers health while embeddings wait for each other`, { skip }, async () => {
    await using server = await startByRecipe(name);
    let answers = 0;
    const waiting = Array.from({ length: 4 }, async () => {
      await embeddingsOf(server.url, longTexts(4));
      answers += 1;
    });
    for (let round = 0; round < 10; round += 1) await fetch(`${server.url}/health`);
    assert.equal(answers, 0);
    await Promise.all(waiting);
  });

  test(`${name} stops within ten seconds whatever is still open`, { skip }, async () => {
    await using server = await startByRecipe(name);
    const half = connect(Number(new URL(server.url).port), '127.0.0.1');
    half.on('error', () => {}).resume();
    half.write('POST /embed HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"texts":');
    const requests = Array.from({ length: 8 }, () => post(server.url, { texts: longTexts(64) }));
    for (let round = 0; round < 10; round += 1) await fetch(`${server.url}/health`);
    const exited = once(server.process, 'exit', { signal: AbortSignal.timeout(10_000) });
    server.process.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    const statuses = (await Promise.all(requests)).map((response) => response.status);
    assert.deepEqual(new Set([...statuses, 200]), new Set([200, 503]));
    half.destroy();
  });

  test(`${name} says in one line why it cannot start`, { skip }, () => {
    const missing = runRefused(name, '--model-dir', '/nonexistent');
    assert.equal(missing.code, 1);
    assert.match(missing.says, /: \/nonexistent has no model\.onnx.*servers\/models\/install\.sh/);
    assert.equal(missing.says.trim().split('\n').length, 1);
    for (const tokens of ['2', '513']) {
      const refused = runRefused(name, '--max-tokens', tokens);
      assert.equal(refused.code, 1);
      assert.match(refused.says, /--max-tokens \d+ is not between 3 and the model's 512/);
    }
    assert.equal(runRefused(name, '--threads', '0').code, 2);
  });
}

/** Texts that fill the token limit, so that one takes tens of milliseconds. */
function longTexts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => sampleText(index, 250));
}

/** Eight tokens are two marks and six of the text; every word here is one token. */
async function assertCutAfterSixTokens(url: string): Promise<void> {
  const five = 'the of and to a';
  const [six] = await embeddingsOf(url, [`${five} or`]);
  const [eight] = await embeddingsOf(url, [`${five} or if in`]);
  const [other] = await embeddingsOf(url, [`${five} if`]);
  assertClose(eight ?? [], six ?? []);
  assert.throws(() => assertClose(other ?? [], six ?? []), /differ/);
}

async function post(url: string, body: unknown): Promise<Response> {
  return await fetch(`${url}/embed`, { method: 'POST', body: JSON.stringify(body) });
}

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import {
  assertClose,
  assertEmbeddingContract,
  assertGracefulStop,
  embeddingsOf,
  sampleText,
} from '../../servers/embedding-contract.ts';
import { startByRecipe, whyNotInstalled } from '../../servers/embedding-server.ts';

const FOLDER = join(import.meta.dirname, '../../../servers/embedding-node');
const INSTALL = join(FOLDER, 'onnx/install.sh');
const isInstalled = spawnSync('bash', [INSTALL, '--check']).status === 0;
const skip = isInstalled ? false : `not installed: run bash servers/embedding-node/onnx/install.sh`;

async function start(t: TestContext, ...flags: readonly string[]) {
  const args = [join(FOLDER, 'main.ts'), '--port', '0', '--engine', 'onnx', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, url: line.split(' ').at(-1)! };
}

test(
  'embedding-node with ONNX keeps the contract of all embedding servers',
  { skip },
  async (t) => {
    const server = await start(t);
    await assertEmbeddingContract(t, server.url, { maxBatch: 64 });
    await t.test('SIGTERM lets the request in flight finish and exits with 0', async () => {
      const texts = Array.from({ length: 16 }, (_, index) => sampleText(index, 250));
      await assertGracefulStop(server.process, server.url, { texts });
    });
  },
);

test('embedding-node with ONNX answers health while it computes', { skip }, async (t) => {
  const server = await start(t);
  const texts = Array.from({ length: 16 }, (_, index) => sampleText(index, 250));
  let isDone = false;
  const computing = embeddingsOf(server.url, texts).then(() => (isDone = true));
  for (let round = 0; round < 3; round++) await fetch(`${server.url}/health`);
  assert.equal(isDone, false);
  await computing;
});

const skipPair = skip || whyNotInstalled('embedding-fastapi');

test('embedding-node with ONNX and embedding-fastapi agree', { skip: skipPair }, async (t) => {
  const node = await start(t, '--max-tokens', '256');
  await using fastapi = await startByRecipe('embedding-fastapi');
  const lengths = [0, 1, 3, 12, 40, 400];
  const texts = [...lengths.map((words, index) => sampleText(index, words)), 'Größe 埋 \u{1f9ea}!'];
  const [left, right] = await Promise.all([
    embeddingsOf(node.url, texts),
    embeddingsOf(fastapi.url, texts),
  ]);
  for (const [index] of texts.entries()) assertClose(left[index] ?? [], right[index] ?? []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClose, embeddingsOf, sampleText } from '../../servers/embedding-contract.ts';
import { runRefused, startByRecipe, whyNotInstalled } from '../../servers/embedding-server.ts';
import { testOnnxEmbeddingServer } from '../../servers/onnx-embedding-suite.ts';

const skip = whyNotInstalled('embedding-axum');
const skipPair = skip || whyNotInstalled('embedding-fastapi');

testOnnxEmbeddingServer('embedding-axum');

test('embedding-axum and embedding-fastapi agree', { skip: skipPair }, async () => {
  await using axum = await startByRecipe('embedding-axum');
  await using fastapi = await startByRecipe('embedding-fastapi');
  const lengths = [0, 1, 3, 12, 40, 400];
  const texts = [...lengths.map((words, index) => sampleText(index, words)), 'Größe 埋 \u{1f9ea}!'];
  const [left, right] = await Promise.all([
    embeddingsOf(axum.url, texts),
    embeddingsOf(fastapi.url, texts),
  ]);
  for (const [index] of texts.entries()) assertClose(left[index] ?? [], right[index] ?? []);
});

test('embedding-axum says where it wants ONNX Runtime from', { skip }, () => {
  const { code, says } = runRefused('embedding-axum', '--ort-dylib', '/nonexistent.so');
  assert.equal(code, 1);
  assert.match(says, /\/nonexistent\.so is not there.*install\.sh.*ORT_DYLIB_PATH or --ort-dylib/);
  const wrong = runRefused('embedding-axum', '--ort-dylib', import.meta.filename);
  assert.equal(wrong.code, 1);
  assert.match(wrong.says, /^embedding-axum: cannot load .*--ort-dylib/);
});

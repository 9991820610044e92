import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { embed } from '../../servers/embedding-node/embedding.ts';
import { embeddingsToJson } from '../../servers/embedding-node/embedding-json.ts';
import { startEmbeddingServer } from '../../servers/embedding-node/server.ts';
import { defaultSettings, readSettings } from '../../servers/embedding-node/settings.ts';
import { assertEmbeddingContract, assertGracefulStop, sampleText } from './embedding-contract.ts';

const mainFile = fileURLToPath(new URL('../../servers/embedding-node/main.ts', import.meta.url));

async function startProcess(...flags: string[]): Promise<{ server: ChildProcess; url: string }> {
  const server = spawn(process.execPath, [mainFile, '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  return { server, url: line.split(' ').at(-1)! };
}

test('the embedding server keeps the contract of all embedding servers', async (t) => {
  const { server, url } = await startProcess();
  try {
    await assertEmbeddingContract(t, url, { maxBatch: 64 });
    await t.test('SIGTERM lets the request in flight finish and exits with 0', async () => {
      const texts = Array.from({ length: 64 }, (_, index) => sampleText(index, 1_500));
      await assertGracefulStop(server, url, { texts });
    });
  } finally {
    server.kill('SIGKILL');
  }
});

test('SIGINT closes idle connections that are kept alive and exits with 0', async () => {
  const { server, url } = await startProcess();
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  idle.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(idle, 'data');
  server.kill('SIGINT');
  const [[code]] = await Promise.all([once(server, 'exit'), once(idle, 'close')]);
  assert.equal(code, 0);
});

test('a wrong method is told what is allowed', async () => {
  const server = await startEmbeddingServer({ port: 0 });
  try {
    const response = await fetch(`${server.url}/embed`);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
  } finally {
    await server.close();
  }
});

test('settings come from flags, then from the environment, then from the defaults', () => {
  const settings = readSettings(['--port', '9'], { PORT: '8', MAX_BATCH: '7' });
  assert.deepEqual(settings, {
    ...defaultSettings,
    host: '127.0.0.1',
    port: 9,
    maxBatch: 7,
  });
  assert.throws(() => readSettings(['--engine', 'magic'], {}), /--engine must be hashed or onnx/);
  assert.throws(() => readSettings(['--max-batch', '0'], {}), /--max-batch/);
  assert.throws(() => readSettings([], { PORT: '70000' }), /--port/);
  assert.throws(() => readSettings(['--unknown'], {}));
});

test('without ONNX Runtime or its model, --engine onnx says how they are had', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'embedding-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = (modelFolder: string): string => {
    const flags = ['--port', '0', '--engine', 'onnx', '--model-dir', modelFolder];
    const env = { ...process.env, LOADGEN_CACHE: folder };
    const ended = spawnSync(process.execPath, [mainFile, ...flags], { env, encoding: 'utf8' });
    assert.equal(ended.status, 1);
    assert.equal(ended.stderr.trim().split('\n').length, 1);
    return ended.stderr;
  };
  assert.match(
    run('/nonexistent'),
    /\/nonexistent has no model\.onnx.*servers\/models\/install\.sh/,
  );
  for (const name of ['model.onnx', 'tokenizer.json']) writeFileSync(join(folder, name), '{}');
  const config = { hidden_size: 384, max_position_embeddings: 512 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const remedy = /onnxruntime-node is not installed: run bash .*onnx\/install\.sh/;
  assert.match(run(folder), remedy);
});

test('the JSON of an embedding equals its numbers rounded to six decimals', () => {
  const awkward = new Float32Array(384);
  awkward.set([1, -1, 0, -0, 4.9e-7, -4.9e-7, 0.9999999, 5.1e-7, -5.1e-7, 0.001, -0.000999]);
  const vectors = [awkward, embed('an ordinary sentence'), embed('')];
  const about = { model: 'any', dimensions: 384 };
  const parsed = JSON.parse(embeddingsToJson(vectors, about).toString()) as {
    embeddings: number[][];
  };
  assert.deepEqual(
    parsed.embeddings,
    // Adding 0 turns -0 into 0, which is what a reader of "0.000000" sees.
    vectors.map((vector) => Array.from(vector, (value) => Number(value.toFixed(6)) + 0)),
  );
});

/** Each row: a sentence, a paraphrase or a version with typing errors of it. */
const nearPairs: readonly (readonly [string, string])[] = [
  [
    'the server answered every request within fifty milliseconds',
    'within 50 milliseconds the server had answered every request',
  ],
  [
    'a histogram counts how often each latency was seen',
    'a histogramm counts how oftn each latncy was seen',
  ],
  [
    'she planted tomatoes and basil in the small garden',
    'in her small garden she was planting basil and tomatoes',
  ],
  ['the night train to Lisbon leaves at eleven', 'the nihgt train to Lisbon laeves at eleven'],
  [
    'our database lost its index after the power failure',
    'after a power failure the database index was lost',
  ],
  [
    'mountain goats climb cliffs that look impossible',
    'cliffs that look imposible are climbed by mountain goats',
  ],
  ['bake the bread for forty minutes until golden', 'bread: bake until golden, forty minutes'],
  [
    'the orchestra rehearsed the second symphony twice',
    'the orchestra rehersed the second symphoni twice',
  ],
  [
    'please reset my password and unlock the account',
    'unlock my account and reset the password please',
  ],
  [
    'quarterly revenue grew faster than analysts expected',
    'analysts expected slower growth of quarterly revenue',
  ],
  [
    'the spacecraft entered orbit around Saturn in July',
    'in july the space craft entered its orbit around saturn',
  ],
  [
    'children learn a second language with surprising ease',
    'with surprising ease children are learning second languages',
  ],
  [
    'a leaking pipe flooded the kitchen overnight',
    'the kitchen was floded overnight by a leaky pipe',
  ],
  [
    'vaccines train the immune system to recognise viruses',
    'the immune system is trained by vaccines to recognize a virus',
  ],
  [
    'he repaired the old bicycle with borrowed tools',
    'he repaird the old bycicle with borowed tools',
  ],
  ['the museum opens free of charge on Sundays', 'on Sunday the museum is open, free of charge'],
  [
    'heavy snow closed the mountain pass for a week',
    'for one week the mountain pass was closed by heavy snow',
  ],
  [
    'the compiler rejects programs with unused variables',
    'programs with unused variabels are rejected by the compiler',
  ],
  ['whales sing songs that travel across whole oceans', 'whale songs travel across a whole ocean'],
  [
    'the committee postponed its decision until autumn',
    'the commitee posponed its decision until autum',
  ],
  ['fresh coffee smells better than it tastes', 'fresh cofee smels better than it tastes'],
  [
    'interest rates rose for the third time this year',
    'for the third time in the year interest rates are rising',
  ],
  [
    'the goalkeeper saved two penalties in extra time',
    'two penalties were saved by the goalkeeper during extra time',
  ],
  [
    'volcanic ash grounded flights all over Europe',
    'flights all over europe were grounded by vulcanic ash',
  ],
  ['埋め込みサーバーは速く応答します', '埋め込みサーバーは速く応答しました'],
  ['Größere Straßen brauchen bessere Brücken', 'grössere Strassen brauchen bessere Brücken'],
];

test('a paraphrase or a text with typing errors is nearer than every unrelated text', () => {
  const sentences = nearPairs.map(([sentence]) => embed(sentence));
  for (const [index, [sentence, variant]] of nearPairs.entries()) {
    const similarities = sentences.map((other) => cosine(embed(variant), other));
    const own = similarities[index]!;
    const unrelated = Math.max(...similarities.filter((_, other) => other !== index));
    assert.ok(own > unrelated + 0.1, `${sentence}: ${own} against ${unrelated}`);
  }
});

test('case and compatibility forms do not change an embedding', () => {
  assert.deepEqual(embed('ＦＵＬＬ width ﬁle'), embed('full WIDTH file'));
});

test('unrelated single words are nearly orthogonal', () => {
  const words = 'granite lantern umbrella mixture velocity sparrow chemist bottom'.split(' ');
  const vectors = words.map((word) => embed(word));
  for (const [index, vector] of vectors.entries()) {
    for (const other of vectors.slice(index + 1)) assert.ok(Math.abs(cosine(vector, other)) < 0.3);
  }
});

function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}

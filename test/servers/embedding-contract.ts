/**
 * What every embedding server of this repository promises over HTTP, whatever framework it is made
 * of and whatever model it serves. Each server's own test starts the real process and hands its
 * address in here.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { TestContext } from 'node:test';

export interface ContractOptions {
  /** Texts per request beyond which the server answers 413. */
  maxBatch: number;
  /** Bytes per request beyond which the server answers 413. */
  maxBodyBytes?: number;
  /** Length of an embedding. */
  dimension?: number;
}

export interface EmbedAnswer {
  status: number;
  body: unknown;
}

interface Limits {
  maxBatch: number;
  maxBodyBytes: number;
  dimension: number;
}

/** Largest difference allowed between two computations of one embedding, per component. */
export const EMBEDDING_TOLERANCE = 1e-4;

/** Names that a loadgen report reads from any embedding server. */
const METRIC_NAMES = [
  'embedding_model_load_seconds',
  'embedding_peak_memory_bytes',
  'embedding_requests_total',
  'embedding_texts_total',
  'embedding_request_duration_seconds_bucket',
  'embedding_request_duration_seconds_sum',
  'embedding_request_duration_seconds_count',
];

const WORDS = [
  'request connection server answer latency arrival histogram worker second interval'.split(' '),
  'library software licence copy source notice work program condition warranty'.split(' '),
].flat();

/** Text number `index` of `wordCount` words; neighbours differ, the same index is the same text. */
export function sampleText(index: number, wordCount: number): string {
  const words = Array.from(
    { length: wordCount },
    (_, position) => WORDS[(index * 7 + position * (1 + (index % 3))) % WORDS.length],
  );
  return `text ${index}: ${words.join(' ')}`;
}

/**
 * Asserts shapes, norms, determinism, error codes, health and metric names of the server at
 * `baseUrl`. Nothing is assumed of the model beyond the length of its embeddings.
 */
export async function assertEmbeddingContract(
  t: TestContext,
  baseUrl: string,
  { maxBatch, maxBodyBytes = 1024 * 1024, dimension = 384 }: ContractOptions,
): Promise<void> {
  const limits: Limits = { maxBatch, maxBodyBytes, dimension };
  await assertEmbeddings(t, baseUrl, limits);
  await assertRefusals(t, baseUrl, limits);
  await assertRouting(t, baseUrl);
  await assertMetrics(t, baseUrl);
  await t.test('the server is healthy after all of this', async () => {
    assert.equal((await fetch(`${baseUrl}/health`)).status, 200);
  });
}

async function assertEmbeddings(t: TestContext, baseUrl: string, limits: Limits): Promise<void> {
  const { maxBatch, dimension } = limits;
  await t.test('each text gets one embedding of unit length, in order', async () => {
    const texts = Array.from({ length: maxBatch }, (_, index) =>
      sampleText(index, 1 + (index % 9)),
    );
    const { status, body } = await embed(baseUrl, { texts });
    assert.equal(status, 200);
    const answer = body as { embeddings: number[][]; model: unknown; dim: unknown };
    assert.deepEqual(Object.keys(answer).toSorted(), ['dim', 'embeddings', 'model']);
    assert.equal(answer.dim, dimension);
    assert.ok(typeof answer.model === 'string' && answer.model.length > 0);
    assert.equal(answer.embeddings.length, texts.length);
    for (const embedding of answer.embeddings) {
      assert.equal(embedding.length, dimension);
      const norm = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0));
      assert.ok(Math.abs(norm - 1) < 1e-4, `norm ${norm}`);
    }
    const alone = await embeddingsOf(baseUrl, [texts[maxBatch - 1] ?? '']);
    const last = answer.embeddings[maxBatch - 1] ?? [];
    assertClose(alone[0] ?? [], last);
  });

  await t.test('the same text gets the same embedding again, another text another', async () => {
    const [first] = await embeddingsOf(baseUrl, [sampleText(1, 12)]);
    const [again] = await embeddingsOf(baseUrl, [sampleText(1, 12)]);
    const [other] = await embeddingsOf(baseUrl, [sampleText(2, 12)]);
    assert.deepEqual(again, first);
    assert.notDeepEqual(other, first);
  });

  await t.test('padding beside a longer text does not change an embedding', async () => {
    const [alone] = await embeddingsOf(baseUrl, ['a short one']);
    const [padded] = await embeddingsOf(baseUrl, ['a short one', sampleText(3, 120)]);
    assertClose(alone ?? [], padded ?? []);
  });

  await t.test('an empty text, an unknown script and an overlong text are embedded', async () => {
    const texts = ['', '\u{1f9ea} 埋め込み \u0000', sampleText(4, 5_000)];
    assert.equal((await embeddingsOf(baseUrl, texts)).length, texts.length);
  });

  await t.test('requests at the same time get their own answers', async () => {
    const texts = Array.from({ length: 12 }, (_, index) => sampleText(index, 6));
    const together = await Promise.all(texts.map((text) => embeddingsOf(baseUrl, [text])));
    for (const [index, text] of texts.entries()) {
      const [alone] = await embeddingsOf(baseUrl, [text]);
      assertClose(together[index]?.[0] ?? [], alone ?? []);
    }
  });
}

async function assertRefusals(t: TestContext, baseUrl: string, limits: Limits): Promise<void> {
  const { maxBatch, maxBodyBytes } = limits;
  await t.test('a body that is not JSON is answered with 400', async () => {
    const bodies = ['', '{', 'texts', '{"texts": ["a"]', '['.repeat(200_000)];
    for (const body of bodies) await assertRefused(baseUrl, body, 400);
    await assertRefused(baseUrl, Buffer.from('{"texts": ["\xff"]}', 'latin1'), 400);
  });

  await t.test(
    'half a surrogate pair is embedded or refused, as the JSON reader sees it',
    async () => {
      const { status } = await post(baseUrl, '{"texts":["\\ud800"]}');
      assert.ok([200, 400, 422].includes(status), `status ${status}`);
    },
  );

  await t.test('JSON of the wrong shape is answered with 422', async () => {
    const wrong: unknown[] = [null, 7, 'a', [], {}, { text: ['a'] }, { texts: null }];
    wrong.push(
      { texts: 'a' },
      { texts: {} },
      { texts: [] },
      { texts: [1] },
      { texts: ['a', null] },
    );
    wrong.push({ texts: [['a']] }, [['a']]);
    for (const body of wrong) await assertRefused(baseUrl, JSON.stringify(body), 422);
  });

  await t.test('one text more than the limit is answered with 413', async () => {
    const texts = Array.from({ length: maxBatch + 1 }, () => 'a');
    await assertRefused(baseUrl, JSON.stringify({ texts }), 413);
  });

  await t.test('a body larger than the limit is answered with 413, announced or not', async () => {
    const body = JSON.stringify({ texts: ['a'.repeat(maxBodyBytes)] });
    await assertRefused(baseUrl, body, 413);
    const half = Math.floor(body.length / 2);
    const chunks = [body.slice(0, half), body.slice(half)].map((part) => Buffer.from(part));
    await assertRefused(baseUrl, ReadableStream.from(chunks), 413);
  });

  await t.test('a body just below the limit is read', async () => {
    const frame = JSON.stringify({ texts: [''] }).length;
    const { status } = await embed(baseUrl, {
      texts: ['word '.repeat((maxBodyBytes - frame) / 5)],
    });
    assert.equal(status, 200);
  });
}

async function assertRouting(t: TestContext, baseUrl: string): Promise<void> {
  await t.test('health is a JSON object that says ok', async () => {
    const response = await fetch(`${baseUrl}/health`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    assert.deepEqual(await response.json(), { status: 'ok' });
  });

  await t.test('an unknown path is answered with 404 and a wrong method with 405', async () => {
    assertIsError(await answerOf(await fetch(`${baseUrl}/nothing/here`)), 404);
    assertIsError(await answerOf(await fetch(`${baseUrl}/docs`)), 404);
    assertIsError(await answerOf(await fetch(`${baseUrl}/embed`)), 405);
  });
}

async function assertMetrics(t: TestContext, baseUrl: string): Promise<void> {
  await t.test('metrics have the promised names, and start-up was measured', async () => {
    const response = await fetch(`${baseUrl}/metrics`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    const text = await response.text();
    for (const name of METRIC_NAMES) assert.match(text, new RegExp(`^${name}[ {]`, 'm'), name);
    assert.ok(metricSum(text, 'embedding_model_load_seconds') > 0);
    assert.ok(metricSum(text, 'embedding_peak_memory_bytes') > 10 * 1024 * 1024);
  });

  await t.test(
    'counters count requests by code, texts that were embedded, and durations',
    async () => {
      const read = async (): Promise<string> => await (await fetch(`${baseUrl}/metrics`)).text();
      const before = await read();
      await embeddingsOf(baseUrl, ['one', 'two', 'three']);
      await embed(baseUrl, { texts: [] });
      await embed(baseUrl, { texts: ['four', 5] });
      const after = await read();
      const grown = (series: string): number =>
        metricSum(after, series) - metricSum(before, series);
      assert.equal(grown('embedding_requests_total{code="200"}'), 1);
      assert.equal(grown('embedding_requests_total{code="422"}'), 2);
      assert.equal(grown('embedding_requests_total'), 3);
      assert.equal(grown('embedding_texts_total'), 3);
      assert.equal(grown('embedding_request_duration_seconds_count'), 3);
      assert.ok(grown('embedding_request_duration_seconds_sum') > 0);
    },
  );
}

/**
 * Sends SIGTERM while a request is being computed and asserts that it is still answered and that the
 * process then ends with exit code 0 within ten seconds. The process is gone afterwards.
 */
export async function assertGracefulStop(
  server: ChildProcess,
  baseUrl: string,
  { texts }: { texts: string[] },
): Promise<void> {
  const pending = sendWhole(`${baseUrl}/embed`, JSON.stringify({ texts }));
  let answered = false;
  const status = pending.status.finally(() => (answered = true));
  await pending.written;
  // Two more answers over connections opened later: the server has read the request by then.
  for (let round = 0; round < 2; round += 1) await fetch(`${baseUrl}/health`);
  assert.equal(answered, false, 'the request was over too early to say anything: use more texts');
  const exited = once(server, 'exit', { signal: AbortSignal.timeout(10_000) });
  server.kill('SIGTERM');
  assert.equal(await status, 200);
  assert.deepEqual(await exited, [0, null]);
  await assert.rejects(fetch(`${baseUrl}/health`));
}

/** Embeds `texts` and returns the embeddings; anything but 200 fails the test. */
export async function embeddingsOf(baseUrl: string, texts: string[]): Promise<number[][]> {
  const { status, body } = await embed(baseUrl, { texts });
  assert.equal(status, 200, JSON.stringify(body));
  return (body as { embeddings: number[][] }).embeddings;
}

/** Asserts that two embeddings are the same within the tolerance. */
export function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  const worst = Math.max(
    ...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))),
  );
  assert.ok(worst < EMBEDDING_TOLERANCE, `embeddings differ by ${worst}`);
}

async function embed(baseUrl: string, body: unknown): Promise<EmbedAnswer> {
  return await post(baseUrl, JSON.stringify(body));
}

async function post(baseUrl: string, body: string | Buffer | ReadableStream): Promise<EmbedAnswer> {
  const response = await fetch(`${baseUrl}/embed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  });
  return await answerOf(response);
}

async function answerOf(response: Response): Promise<EmbedAnswer> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  return { status: response.status, body: await response.json() };
}

async function assertRefused(
  baseUrl: string,
  body: string | Buffer | ReadableStream,
  status: number,
): Promise<void> {
  assertIsError(await post(baseUrl, body), status);
}

/** One short sentence for a person, and nothing of the server's insides. */
function assertIsError({ status, body }: EmbedAnswer, expected: number): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body as object), ['error']);
  const { error } = body as { error: unknown };
  assert.ok(typeof error === 'string' && error.length > 0 && error.length < 300);
  assert.doesNotMatch(error, /Traceback|panicked| at .*:\d+/);
}

/** Sum of all series in a Prometheus text whose name, or name and first labels, is `series`. */
function metricSum(text: string, series: string): number {
  const matching = text
    .split('\n')
    .filter((line) => line.startsWith(`${series} `) || line.startsWith(`${series}{`));
  return matching.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function sendWhole(url: string, body: string): { written: Promise<void>; status: Promise<number> } {
  const outgoing = request(url, { method: 'POST', agent: false });
  const status = once(outgoing, 'response').then(async ([response]) => {
    await response.resume().toArray();
    return response.statusCode as number;
  });
  const written = once(outgoing, 'finish').then(() => undefined);
  outgoing.end(body);
  return { written, status };
}

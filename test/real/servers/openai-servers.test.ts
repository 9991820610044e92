import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { driver } from '../../../src/drivers/openai/index.ts';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { DriverBench, type StepOptions } from '../../support/driver-bench.ts';
import { startRecipe } from '../../support/recipe-server.ts';

const SOUNDS = join(import.meta.dirname, '../../../scenarios/stt/sounds');

function chat(more: object): StepOptions {
  const messages = [{ role: 'user', content: 'tell me more' }];
  const spec = { messages, maxTokens: 16, stream: true, ...more };
  return { verb: 'chat', spec, reads: ['text'], timeoutMs: 120_000 };
}

test('vLLM streams, counts and takes token ids', { skip: whyNotInstalled('vllm') }, async (t) => {
  const server = await startRecipe('vllm');
  t.after(() => server.stop());
  const options = { usage: 'continuous' };
  const bench = await DriverBench.of(driver, { url: server.url, options });
  t.after(() => bench.close());
  const session = bench.driver.open(0);
  const body = { model: 'tiny', ignore_eos: true, temperature: 0 };
  const record = await bench.run(session, chat({ body }));
  assert.equal(record.outcome, 'ok');
  assert.equal(record.counts['output_tokens'], 16);
  assert.ok(record.phases['ttft']! > 0);
  const chunkTokens = record.samples['tokens_per_chunk']!;
  assert.equal(
    chunkTokens.reduce((sum, count) => sum + count, 0),
    16,
  );
  for (const length of [128, 512]) {
    const prompt = Array.from({ length }, (_, index) => 3 + (index % 250));
    const spec = { prompt, maxTokens: 8, stream: true, body };
    const step = { verb: 'complete', spec, timeoutMs: 120_000 };
    const { counts, outcome } = await bench.run(session, step);
    assert.deepEqual([outcome, counts['input_tokens']], ['ok', length]);
  }
});

const SERVE = 'transformers-serve';
test('transformers serve never says [DONE]', { skip: whyNotInstalled(SERVE) }, async (t) => {
  const server = await startRecipe(SERVE);
  t.after(() => server.stop());
  for (const [streamEnd, outcome] of [
    ['close', 'ok'],
    ['done', 'protocol_error'],
  ]) {
    const bench = await DriverBench.of(driver, { url: server.url, options: { streamEnd } });
    t.after(() => bench.close());
    const record = await bench.run(bench.driver.open(0), chat({ body: { temperature: 0 } }));
    assert.equal(record.outcome, outcome);
    if (outcome === 'ok') assert.ok(record.counts['output_tokens']! > 0, 'usage stands at the end');
  }
});

const WHISPER = 'faster-whisper';
test('faster-whisper-server takes sounds', { skip: whyNotInstalled(WHISPER) }, async (t) => {
  const server = await startRecipe(WHISPER);
  t.after(() => server.stop());
  const bench = await DriverBench.of(driver, { url: server.url, baseFolder: SOUNDS });
  t.after(() => bench.close());
  const session = bench.driver.open(0);
  for (const [file, seconds] of [
    ['01s-0.wav', 1],
    ['06s-0.wav', 6],
  ] as const) {
    const body = { model_name: 'tiny', language: 'en', response_format: 'verbose_json' };
    const step = { verb: 'transcribe', spec: { file, body }, reads: ['text', 'json'] };
    const record = await bench.run(session, { ...step, timeoutMs: 120_000 });
    assert.equal(record.outcome, 'ok');
    assert.equal(record.counts['audio_seconds'], seconds);
    const { duration } = session.result['json'] as { duration: number };
    assert.ok(Math.abs(duration - seconds) < 0.1, `the server heard ${duration} s`);
  }
});

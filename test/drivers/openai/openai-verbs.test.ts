import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { driver } from '../../../src/drivers/openai/index.ts';
import {
  DriverBench,
  type DriverBenchOptions,
  type StepOptions,
} from '../../support/driver-bench.ts';
import { startServerProcess, type ReferenceProcess } from '../../support/reference-process.ts';

let server: ReferenceProcess;
before(async () => (server = await startServerProcess('reference-openai')));
after(() => server.stop());

async function benchFor(
  t: TestContext,
  options: Partial<DriverBenchOptions> = {},
): Promise<DriverBench> {
  const bench = await DriverBench.of(driver, { url: server.url, ...options });
  t.after(() => bench.close());
  return bench;
}

/** A second of silence at 8 kHz, 16 bits, takes 16,000 bytes. */
function wave(seconds: number): Buffer {
  const sound = Buffer.alloc(seconds * 16_000);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + sound.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

function folderOf(t: TestContext, files: Readonly<Record<string, Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-sounds-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

describe('the verbs of the openai driver', () => {
  it('complete sends token ids as they are, and the server counts them', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    for (const stream of [false, true]) {
      const step: StepOptions = {
        verb: 'complete',
        spec: { prompt: '{{ ids }}', maxTokens: '{{ length }}', stream, body: { model: 'm' } },
        reads: ['text', 'usage'],
      };
      const scope = { ids: Int32Array.from([5, 6, 7, 8]), length: 3 };
      const record = await bench.run(session, step, { scope });
      assert.equal(record.outcome, 'ok');
      assert.deepEqual([record.counts['input_tokens'], record.counts['output_tokens']], [4, 3]);
      const { text, usage } = session.result as { text: string; usage: { output: number } };
      assert.deepEqual([text, usage.output], [' t0 t1 t2', 3]);
    }
  });

  it('chat takes a list of messages out of a row', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const step = { verb: 'chat', spec: { messages: '{{ turns }}', maxTokens: 2 }, reads: ['text'] };
    const turns = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'one two three' },
    ];
    const record = await bench.run(session, step, { scope: { turns } });
    assert.equal(record.counts['input_tokens'], 5);
    assert.equal(session.result['text'], ' t0 t1');
  });

  it('respond reads the events of responses, which never say [DONE]', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    for (const stream of [false, true]) {
      const spec = { input: 'one two', maxTokens: 4, stream, body: { model: 'm' } };
      const record = await bench.run(session, { verb: 'respond', spec, reads: ['text'] });
      assert.equal(record.outcome, 'ok');
      assert.deepEqual([record.counts['input_tokens'], record.counts['output_tokens']], [2, 4]);
      assert.equal(session.result['text'], ' t0 t1 t2 t3');
      assert.equal(record.phases['chunks'], stream ? 4 : undefined);
    }
  });

  it('embed gives one embedding an input, in their order', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const spec = { input: ['a b', 'c', 'd'], body: { model: 'm' } };
    const record = await bench.run(session, { verb: 'embed', spec, reads: ['outputs'] });
    assert.equal(record.outcome, 'ok');
    assert.equal(record.counts['input_tokens'], 4);
    assert.equal(record.counts['output_tokens'], undefined);
    const outputs = session.result['outputs'] as number[][];
    assert.deepEqual(
      outputs.map(([first]) => first),
      [0, 1, 2],
    );
  });

  it('rerank gives the documents in their new order', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const spec = { query: 'q', documents: ['a', 'b', 'c'] };
    assert.equal(
      (await bench.run(session, { verb: 'rerank', spec, reads: ['ids'] })).outcome,
      'ok',
    );
    assert.deepEqual(session.result['ids'], [2, 1, 0]);
  });

  it('transcribe uploads a file and counts its seconds', async (t) => {
    const baseFolder = folderOf(t, { 'two.wav': wave(2) });
    const bench = await benchFor(t, { baseFolder });
    const session = bench.driver.open(0);
    for (const stream of [false, true]) {
      const spec = { file: '{{ path }}', stream, body: { model: 'whisper-1' } };
      const step = { verb: 'transcribe', spec, reads: ['text', 'json'] };
      const record = await bench.run(session, step, { scope: { path: 'two.wav' } });
      assert.equal(record.outcome, 'ok');
      assert.equal(record.counts['audio_seconds'], 2);
      assert.equal(record.phases['time_per_audio_second'], (record.done - record.sent) / 2);
      assert.ok(String(session.result['text']).startsWith(' t0 t1'));
      // The server read the same length out of what it was sent.
      if (!stream) assert.equal((session.result['json'] as { duration: number }).duration, 2);
    }
  });

  it('transcribe takes plain text, where that was asked for', async (t) => {
    const baseFolder = folderOf(t, { 'one.wav': wave(1) });
    const bench = await benchFor(t, { baseFolder });
    const session = bench.driver.open(0);
    const body = { response_format: 'text', reference: '{"variant": "plain-text"}' };
    const step = { verb: 'transcribe', spec: { file: 'one.wav', body }, reads: ['text'] };
    assert.equal((await bench.run(session, step)).outcome, 'ok');
    assert.ok(String(session.result['text']).startsWith(' t0 t1'));
  });
});

describe('what the openai driver declares', () => {
  it('is what a verb can have: no token times without a stream, no sound but of sounds', () => {
    const fed = (verb: string, spec: object, dialects: readonly string[] = []) =>
      driver.verbs[verb]!.feeds!(spec, dialects);
    assert.ok(fed('chat', { stream: true }).includes('ttft'));
    assert.ok(!fed('chat', { stream: false }).includes('ttft'));
    assert.ok(!fed('embed', {}).includes('output_tokens'));
    assert.ok(fed('transcribe', {}).includes('audio_seconds'));
    assert.ok(!fed('chat', { stream: true }).includes('vllm_ttft'));
    assert.ok(fed('chat', { stream: true }, ['vllm']).includes('vllm_ttft'));
    assert.ok(!fed('chat', { stream: false }, ['vllm']).includes('vllm_ttft'));
  });

  it('has the limits of MLPerf under their names', () => {
    const presets = driver.sloPresets!;
    assert.deepEqual(presets['mlperf-llama2-70b-interactive'], { ttft: 450e6, tpot: 40e6 });
    assert.deepEqual(presets['mlperf-deepseek-r1-server'], { ttft: 2000e6, tpot: 80e6 });
    assert.equal(presets['mlperf-mixtral-8x7b-interactive'], undefined);
  });
});

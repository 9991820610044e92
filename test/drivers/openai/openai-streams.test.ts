import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { driver } from '../../../src/drivers/openai/index.ts';
import { DriverBench, type DriverBenchOptions } from '../../support/driver-bench.ts';
import { startServerProcess, type ReferenceProcess } from '../../support/reference-process.ts';
import { chat } from './fixture.ts';

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

async function countsOf(url: string): Promise<{ open: number; left: number }> {
  return (await (await fetch(`${url}/__counts`)).json()) as { open: number; left: number };
}

describe('a streamed answer', () => {
  it('has the times at which the server wrote its tokens', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    await session.connect();
    const record = await bench.run(session, chat({ ttftMs: 60, gapMs: 10 }, { maxTokens: 5 }));
    const [written] = (await (await fetch(`${server.url}/__times`)).json()) as [
      { firstMs: number; lastMs: number },
    ];
    const { ttft, ttft_from_sent, first_chunk_time, tpot, chunks } = record.phases;
    // Never less than the server took; how much more, a busy machine decides.
    assert.ok(ttft_from_sent! >= written.firstMs * 1e6 && written.firstMs >= 60);
    assert.ok(ttft! >= ttft_from_sent!);
    assert.ok(first_chunk_time! >= 30e6 && first_chunk_time! <= ttft_from_sent!, 'the role');
    assert.equal(chunks, 5);
    const gaps = record.samples['inter_token_latency']!;
    assert.equal(gaps.length, 4);
    const sum = gaps.reduce((total, gapNs) => total + gapNs, 0);
    assert.ok(Math.abs(tpot! - sum / 4) < 1);
    assert.deepEqual(
      [record.counts['output_tokens'], record.counts['input_tokens']],
      [5, 3],
      'by the server’s count',
    );
    assert.equal(record.counts['first_chunk_assumed'], 1);
  });

  it('of several tokens a chunk is counted by the server, chunk by chunk where it says so', async (t) => {
    const step = chat({ tokensPerChunk: 3, ttftMs: 10, gapMs: 2 }, { maxTokens: 8 });
    const final = await benchFor(t);
    const whole = await final.run(final.driver.open(0), step);
    assert.deepEqual([whole.phases['chunks'], whole.counts['output_tokens']], [3, 8]);
    assert.deepEqual(whole.samples['tokens_per_chunk'] ?? [], []);
    const each = await benchFor(t, { options: { usage: 'continuous' } });
    const record = await each.run(each.driver.open(0), step);
    assert.deepEqual(record.samples['tokens_per_chunk'], [3, 3, 2]);
    assert.equal(record.counts['first_chunk_assumed'] ?? 0, 0);
    const gaps = record.samples['inter_token_latency']!;
    const sum = gaps.reduce((total, gapNs) => total + gapNs, 0);
    assert.ok(Math.abs(record.phases['tpot']! - sum / 5) < 1, 'five tokens after the first chunk');
  });

  it('is the same in one segment, in many, with comments and with carriage returns', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    for (const variant of ['one-segment', 'many-segments', 'comments', 'carriage-returns']) {
      const record = await bench.run(session, chat({ variant }));
      assert.equal(record.outcome, 'ok', variant);
      assert.deepEqual([record.phases['chunks'], record.counts['output_tokens']], [8, 8], variant);
      assert.equal(session.result['text'], ' t0 t1 t2 t3 t4 t5 t6 t7', variant);
    }
  });

  it('without usage has no time per token and counts no tokens, and says so', async (t) => {
    const bench = await benchFor(t);
    const record = await bench.run(bench.driver.open(0), chat({ variant: 'no-usage' }));
    assert.equal(record.outcome, 'ok');
    assert.equal(record.counts['usage_missing'], 1);
    assert.equal(record.counts['output_tokens'] ?? 0, 0);
    assert.equal(record.phases['tpot'], undefined);
    assert.ok(record.phases['ttft']! > 0);
  });

  it('that never says [DONE] is whole where the target says so', async (t) => {
    const bench = await benchFor(t, { options: { streamEnd: 'close' } });
    const record = await bench.run(bench.driver.open(0), chat({ variant: 'without-done' }));
    assert.equal(record.outcome, 'ok');
    assert.equal(record.counts['output_tokens'], 8);
  });

  it('keeps reasoning and the answer apart', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const step = chat({ reasoningTokens: 2, ttftMs: 5, gapMs: 5 }, { maxTokens: 4 });
    const { phases, counts } = await bench.run(session, step);
    assert.ok(phases['first_answer_time']! >= phases['ttft_from_sent']!);
    assert.deepEqual([counts['reasoning_tokens'], phases['chunks']], [2, 4]);
    assert.equal(session.result['text'], ' t2 t3');
  });

  it('tells how many of its input tokens were in the prefix cache', async (t) => {
    const bench = await benchFor(t);
    const { counts } = await bench.run(bench.driver.open(0), chat({ cachedTokens: 2 }));
    assert.deepEqual([counts['cached_tokens'], counts['input_tokens']], [2, 3]);
  });

  it('is measured by the definitions of other tools where they are asked for', async (t) => {
    const bench = await benchFor(t, { dialects: ['vllm', 'mlperf'] });
    const { phases, samples } = await bench.run(
      bench.driver.open(0),
      chat({ ttftMs: 20, gapMs: 2 }, { maxTokens: 4 }),
    );
    assert.equal(phases['vllm_ttft'], phases['first_chunk_time'], 'the role counts');
    assert.equal(samples['vllm_itl']!.length, 4, 'and so does the gap after it');
    assert.equal(phases['mlperf_ttft'], phases['ttft']);
    assert.equal(phases['guidellm_ttft'], undefined, 'not asked for');
  });
});

describe('a stream that goes on', () => {
  for (const variant of ['stall', 'only-comments', 'endless']) {
    it(`ends by its timeout, without a time to first token: ${variant}`, async (t) => {
      const bench = await benchFor(t);
      const session = bench.driver.open(0);
      const record = await bench.run(session, { ...chat({ variant }), timeoutMs: 150 });
      assert.equal(record.outcome, 'timeout');
      assert.equal(record.phases['ttft'], undefined);
      assert.ok(record.done - record.granted >= 150e6);
      assert.equal((await bench.run(session, chat())).outcome, 'ok');
    });
  }

  it('as fast as it can is given up at a named limit, in bounded memory', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    await bench.run(session, chat());
    const before = process.memoryUsage().rss;
    const record = await bench.run(session, { ...chat({ variant: 'flood' }), timeoutMs: 60_000 });
    const grown = process.memoryUsage().rss - before;
    assert.equal(record.outcome, 'protocol_error');
    assert.deepEqual(bench.reasons(), { 'more than 262144 events': 1 });
    assert.ok(record.bytesReceived > 30e6);
    assert.ok(grown < 256 * 2 ** 20, `${grown} bytes more for ${record.bytesReceived}`);
  });
});

describe('a client that hangs up', () => {
  const cancelled = (share: string) => {
    const step = chat({ ttftMs: 10, gapMs: 20 }, { maxTokens: 100 });
    return { ...step, spec: { ...(step.spec as object), cancel: { share, after: '60ms' } } };
  };

  it('is cancelled, which is no failure, and leaves the server', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const { left } = await countsOf(server.url);
    const record = await bench.run(session, cancelled('100%'), { scope: { iteration: { id: 0 } } });
    assert.equal(record.outcome, 'cancelled');
    assert.ok(record.done - record.granted >= 60e6);
    assert.deepEqual(bench.reasons(), {});
    while ((await countsOf(server.url)).left === left) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await bench.run(session, chat())).outcome, 'ok');
    assert.equal(bench.wheel.armed, 0);
  });

  it('does so for the share that was asked for, the same in every run', async (t) => {
    const bench = await benchFor(t);
    const operation = bench.compile(cancelled('25%'));
    const chosen = Array.from({ length: 4000 }, (_, id) => {
      const request = operation.bind({ iteration: { id } }) as { cancelAfterNs?: number };
      return request.cancelAfterNs !== undefined;
    });
    const again = Array.from({ length: 4000 }, (_, id) => {
      const request = operation.bind({ iteration: { id } }) as { cancelAfterNs?: number };
      return request.cancelAfterNs !== undefined;
    });
    assert.deepEqual(chosen, again);
    const share = chosen.filter(Boolean).length / chosen.length;
    // Four standard deviations of a binomial share.
    assert.ok(Math.abs(share - 0.25) < 4 * Math.sqrt((0.25 * 0.75) / 4000), String(share));
  });

  it('hears the answer where that came before', async (t) => {
    const bench = await benchFor(t);
    const step = chat();
    const soon = { ...step, spec: { ...(step.spec as object), cancel: { after: '30s' } } };
    const scope = { iteration: { id: 0 } };
    assert.equal((await bench.run(bench.driver.open(0), soon, { scope })).outcome, 'ok');
    assert.equal(bench.wheel.armed, 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamFacts } from '../../../../src/drivers/openai/dialects/dialect.ts';
import { DIALECTS } from '../../../../src/drivers/openai/dialects/registry.ts';
import { eventsOf, factsOf } from '../stream-records.ts';

/** Word → value in ms, or values where a tool pools many. */
function figures(dialect: string, stream: StreamFacts): Record<string, number | number[]> {
  const values = DIALECTS[dialect]!.metrics.map((metric) => {
    if (metric.value !== undefined) return [metric.word, metric.value(stream) / 1e6] as const;
    const many: number[] = [];
    metric.each(stream, (valueNs) => many.push(valueNs / 1e6));
    return [metric.word, many] as const;
  });
  return Object.fromEntries(values);
}

/**
 * One answer, worked by hand. Scheduled at 0 and sent at 10 ms; a role at 30, reasoning at 60,
 * content at 110, 130 and 210 with two tokens, the usage at 212, the end at 220 ms. Five tokens.
 */
const stream = factsOf(
  eventsOf(
    [30, 'role', 0],
    [60, 'reasoning', 1],
    [110, 'content', 2],
    [130, 'content', 3],
    [210, 'content', 5],
    [212, 'usage'],
  ),
  { doneMs: 220, outputTokens: 5 },
);

describe('the same stream', () => {
  it('as vllm bench serve measures it: from the role to the last choice', () => {
    assert.deepEqual(figures('vllm', stream), {
      TTFT: 20, // 30 − 10
      ITL: [30, 50, 20, 80],
      TPOT: 45, // (200 − 20) ÷ 4
      E2EL: 200, // 210 − 10
    });
  });

  it('as GuideLLM measures it: the first token is in the time per token', () => {
    assert.deepEqual(figures('guidellm', stream), {
      'time to first token': 50, // 60 − 10
      'inter token latency': 37.5, // (210 − 60) ÷ 4
      'time per output token': 40, // (210 − 10) ÷ 5
      'request latency': 210, // 220 − 10
    });
  });

  it('as AIPerf measures it: to the last content, and chunks beside tokens', () => {
    assert.deepEqual(figures('aiperf', stream), {
      TTFT: 50,
      TTST: 50, // 110 − 60
      ITL: 37.5, // (200 − 50) ÷ 4
      ICL: [50, 20, 80],
      'request latency': 200,
    });
  });

  it('as inference-perf measures it: thinking is in the first token, bundles are 0 apart', () => {
    assert.deepEqual(figures('inference-perf', stream), {
      'time to first token': 100, // 110 − 10
      'inter token latency': [20, 80, 0],
      'time per output token': 25, // (210 − 110) ÷ 4
      'normalized time per output token': 42, // 210 ÷ 5
      'request latency': 210,
    });
  });

  it('as MLPerf measures it: from the schedule', () => {
    assert.deepEqual(figures('mlperf', stream), {
      TTFT: 60,
      TPOT: 37.5,
      latency: 220,
    });
  });
});

describe('a stream of one token', () => {
  const single = factsOf(eventsOf([60, 'content'], [61, 'usage']), { doneMs: 65, outputTokens: 1 });

  it('has no time between tokens in any dialect', () => {
    for (const [dialect, word] of [
      ['vllm', 'TPOT'],
      ['guidellm', 'inter token latency'],
      ['aiperf', 'ITL'],
      ['aiperf', 'TTST'],
      ['inference-perf', 'time per output token'],
      ['mlperf', 'TPOT'],
    ] as const) {
      assert.ok(Number.isNaN(figures(dialect, single)[word]), `${dialect} ${word}`);
    }
    assert.deepEqual(figures('vllm', single)['ITL'], []);
  });

  it('has one where a tool divides by all tokens', () => {
    assert.equal(figures('guidellm', single)['time per output token'], 50);
    assert.equal(figures('inference-perf', single)['normalized time per output token'], 55);
  });
});

it('gives every metric a name that begins with that of its tool', () => {
  for (const [dialect, { metrics }] of Object.entries(DIALECTS)) {
    const prefix = `${dialect.replaceAll('-', '_')}_`;
    for (const { name } of metrics) assert.ok(name.startsWith(prefix), name);
  }
});

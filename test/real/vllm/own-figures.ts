import assert from 'node:assert/strict';
import { join } from 'node:path';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { readResult } from '../../../src/results/read/read-result.ts';
import { runScenario } from '../../support/run-loadgen.ts';
import type { AskedLoad, PrintedRun } from './peers.ts';

/** By our dialects, of a load as the peers have it. */
export async function ownFigures(load: AskedLoad): Promise<PrintedRun> {
  const { requests, ratePerSecond } = load;
  const scenario = {
    version: 1,
    seed: load.seed,
    targets: { llm: { driver: 'openai', url: load.url, usage: 'continuous' } },
    data: { prompts: { generate: 'tokenIds', tokens: load.inputTokens, vocabulary: 256 } },
    steps: [stepOf(load)],
    load: {
      executor: 'constant-arrival-rate',
      rate: `${ratePerSecond}/s`,
      duration: `${requests / ratePerSecond}s`,
      gracefulStop: '2m',
    },
    report: { dialects: ['vllm', 'guidellm'] },
  };
  // JSON is YAML.
  const { folder, summary, errors } = await runScenario(JSON.stringify(scenario));
  assert.ok(summary, errors);
  const [trial] = (await readResult(join(folder, summary.folder))).trials;
  const source = measuredSource(trial!.result);
  assert.equal(source.counter('operations', { outcome: 'ok' }), requests, errors);
  const names = [...source.declarations.values()].filter(({ dialect }) => dialect !== undefined);
  const figures = names.map(({ name }) => {
    const histogram = source.histogram(name);
    const [median, p99] = [50, 99].map((percent) => histogram.percentile(percent) / 1e6);
    return [name, { mean: histogram.mean / 1e6, median: median!, p99: p99! }] as const;
  });
  const inputTokens = source.histogram('input_length').mean;
  return { figures: Object.fromEntries(figures), inputTokens };
}

function stepOf({ api, inputTokens, outputTokens }: AskedLoad): object {
  const asked = {
    maxTokens: outputTokens,
    stream: true,
    body: { model: 'tiny', ignore_eos: true },
  };
  if (api === 'completions')
    return { name: 'complete', complete: { prompt: '{{ prompts.tokens }}', ...asked } };
  const content = Array.from({ length: inputTokens }, () => 'word').join(' ');
  return { name: 'chat', chat: { messages: [{ role: 'user', content }], ...asked } };
}

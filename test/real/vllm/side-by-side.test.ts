/**
 * loadgen in turn with `vllm bench serve` and GuideLLM, against a server whose token times are fixed
 * and against the real vLLM. Each figure of a tool stands beside ours by that tool's definition.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { readResult } from '../../../src/results/read/read-result.ts';
import { startByRecipe, whyNotInstalled } from '../../servers/embedding-server.ts';
import { startServerProcess } from '../../support/reference-process.ts';
import { runScenario } from '../../support/run-loadgen.ts';
import { guidellm, vllmBench, type AskedLoad, type PrintedFigures } from './peers.ts';

const ALTERNATIONS = Number(process.env['ALTERNATIONS'] ?? 5);
const PEERS = [vllmBench, guidellm];
/** Of the server with fixed times. */
const TTFT_MS = 400;
const GAP_MS = 40;

/** Medians in ms by our dialects, of a load as the peers have it. */
async function ownFigures(load: AskedLoad): Promise<PrintedFigures> {
  const { url, requests, ratePerSecond, inputTokens, outputTokens } = load;
  const step = {
    name: 'complete',
    complete: {
      prompt: '{{ prompts.tokens }}',
      maxTokens: outputTokens,
      stream: true,
      body: { model: 'tiny', ignore_eos: true },
    },
  };
  const scenario = {
    version: 1,
    targets: { llm: { driver: 'openai', url, usage: 'continuous' } },
    data: { prompts: { generate: 'tokenIds', tokens: inputTokens, vocabulary: 256 } },
    steps: [step],
    load: {
      executor: 'constant-arrival-rate',
      rate: `${ratePerSecond}/s`,
      duration: `${requests / ratePerSecond}s`,
    },
    report: { dialects: ['vllm', 'guidellm'] },
  };
  // JSON is YAML.
  const { folder, summary } = await runScenario(JSON.stringify(scenario));
  const source = measuredSource((await readResult(join(folder, summary.folder))).trials[0]!.result);
  assert.equal(source.counter('operations', { outcome: 'ok' }), requests);
  const names = [...source.declarations.values()].filter(({ dialect }) => dialect !== undefined);
  return Object.fromEntries(
    names.map(({ name }) => [name, source.histogram(name).percentile(50) / 1e6]),
  );
}

for (const peer of PEERS) {
  const skip = peer.missing === '' ? false : `needs ${peer.missing}`;

  test(`${peer.name} on fixed token times prints what our dialect says`, { skip }, async (t) => {
    const times = ['--ttft', String(TTFT_MS), '--gap', String(GAP_MS)];
    const server = await startServerProcess('reference-openai', times);
    t.after(() => server.stop());
    const shape = { requests: 20, ratePerSecond: 2, inputTokens: 64, outputTokens: 16 };
    const load = { url: server.url, ...shape };
    const [theirs, ours] = [await peer.run(load), await ownFigures(load)];
    for (const [name, value] of Object.entries(theirs)) {
      const own = ours[name]!;
      t.diagnostic(`${name}: ${value.toFixed(2)} ms, ours ${own.toFixed(2)} ms`);
      assert.ok(Math.abs(value / own - 1) < 0.05, `${name}: ${value} ms, ours ${own} ms`);
    }
  });
}

describe('the real vLLM', { skip: whyNotInstalled('vllm') }, () => {
  test('five times in turn, at a low rate', { timeout: 3_600_000 }, async (t) => {
    await using server = await startByRecipe('vllm');
    const shape = { requests: 20, ratePerSecond: 1, outputTokens: 128 };
    for (const inputTokens of [128, 512]) {
      const load = { url: server.url, inputTokens, ...shape };
      for (const peer of PEERS.filter(({ missing }) => missing === '')) {
        const ratios = new Map<string, number[]>();
        for (let turn = 0; turn < ALTERNATIONS; turn++) {
          const [theirs, ours] = [await peer.run(load), await ownFigures(load)];
          for (const [name, value] of Object.entries(theirs)) {
            ratios.set(name, [...(ratios.get(name) ?? []), value / ours[name]!]);
          }
        }
        for (const [name, values] of ratios) {
          const shown = values.map((value) => value.toFixed(3)).join(' ');
          t.diagnostic(`${inputTokens} tokens, ${peer.name} ÷ loadgen, ${name}: ${shown}`);
        }
      }
    }
  });
});

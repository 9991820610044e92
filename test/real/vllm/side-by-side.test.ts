/**
 * loadgen in turn with `vllm bench serve` and GuideLLM, against a server whose token times are fixed
 * and against the real vLLM. Each figure of a tool stands beside ours by that tool's definition.
 *
 *     VLLM_URL=http://127.0.0.1:8000 ALTERNATIONS=5 node --test test/real/vllm/side-by-side.test.ts
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { startRecipe } from '../../support/recipe-server.ts';
import { startServerProcess } from '../../support/reference-process.ts';
import { ownFigures } from './own-figures.ts';
import {
  guidellm,
  vllmBench,
  type PrintedFigures,
  type PrintedRun,
  type Statistics,
  type StreamPeer,
} from './peers.ts';

const ALTERNATIONS = Number(process.env['ALTERNATIONS'] ?? 5);
const PEERS = [vllmBench, guidellm];

/**
 * So long that what a tool's event loop is late with, some ms on a busy machine, is less than 1% of
 * each figure, while a definition that is another one is off by far more: the role is named at half
 * the time to the first token, and a chunk has two tokens.
 */
const FIXED = ['--ttft', '6000', '--gap', '100', '--tokens-per-chunk', '2'];
const WITHIN = 0.01;
/** The 99th percentile of twenty requests is the worst of them: of the machine, not of a formula. */
const COMPARED = ['mean', 'median'] as const;

for (const peer of PEERS) {
  const skip = peer.missing === '' ? false : `needs ${peer.missing}`;

  for (const api of ['chat', 'completions'] as const) {
    const title = `${peer.name} prints of ${api} with fixed token times what our dialect says`;
    test(title, { skip }, async (t) => {
      const server = await startServerProcess('reference-openai', FIXED);
      t.after(() => server.stop());
      const shape = { requests: 20, ratePerSecond: 2, inputTokens: 64, outputTokens: 32 };
      const load = { url: server.url, api, seed: 1, ...shape };
      const runs = await Promise.all([peer.run(load), ownFigures(load)]);
      const [theirs, ours] = runs.map(({ figures }) => figures) as [PrintedFigures, PrintedFigures];
      for (const line of comparedLines(theirs, ours)) t.diagnostic(line);
      for (const [name, statistics] of Object.entries(theirs)) {
        for (const statistic of COMPARED) {
          const [value, own] = [statistics[statistic], ours[name]![statistic]];
          const found = `${name} ${statistic}: ${value} ms, ours ${own} ms`;
          assert.ok(Math.abs(value / own - 1) <= WITHIN, found);
        }
      }
    });
  }
}

function comparedLines(theirs: PrintedFigures, ours: PrintedFigures): string[] {
  return Object.entries(theirs).map(([name, statistics]) => {
    const cells = (Object.keys(statistics) as (keyof Statistics)[]).map((statistic) => {
      const [value, own] = [statistics[statistic], ours[name]![statistic]];
      return `${statistic} ${value.toFixed(2)} : ${own.toFixed(2)} (${percent(value / own - 1)})`;
    });
    return `${name}, ms, theirs : ours: ${cells.join(', ')}`;
  });
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(2)}%`;
}

describe('the real vLLM', { skip: whyNotInstalled('vllm') }, () => {
  const peers = PEERS.filter(({ missing }) => missing === '');
  const shape = { api: 'completions', requests: 10, ratePerSecond: 2, outputTokens: 128 } as const;
  let server: RunningServer;
  let seed = 0;
  before(async () => {
    server = await vllmServer();
  });
  after(() => server.stop());

  for (const inputTokens of [128, 512]) {
    const title = `in turn, at a low rate, prompts of ${inputTokens} tokens`;
    test(title, { timeout: 3_600_000 }, async (t) => {
      const turns: Turn[] = [];
      for (let turn = 0; turn < ALTERNATIONS; turn++) {
        const load = { url: server.url, inputTokens, ...shape };
        const theirs: PrintedRun[] = [];
        for (const peer of peers) theirs.push(await peer.run({ ...load, seed: ++seed }));
        turns.push({ theirs, ours: await ownFigures({ ...load, seed: ++seed }) });
        // A turn takes a minute: whoever looks on, or has to stop it, sees what there is.
        console.log(turnLines(turns, peers).join('\n'));
      }
      t.diagnostic(`medians in ms of ${turns.length} turns, the middle (least to most) of them`);
      for (const line of turnLines(turns, peers)) t.diagnostic(line);
    });
  }
});

interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Turn {
  /** One of each peer. */
  readonly theirs: readonly PrintedRun[];
  readonly ours: PrintedRun;
}

/** A row of a table each figure: medians of a turn as middle, least and most of all turns. */
function turnLines(turns: readonly Turn[], peers: readonly StreamPeer[]): string[] {
  const rows = peers.flatMap(({ name }, peer) => {
    const runs = turns.map(({ theirs }) => theirs[peer]!);
    const figures = Object.keys(runs[0]!.figures).map((figure) => {
      const theirs = runs.map((run) => run.figures[figure]!.median);
      const ours = turns.map((turn) => turn.ours.figures[figure]!.median);
      return tableRow(figure, theirs, ours);
    });
    const theirTokens = runs.map(({ inputTokens }) => inputTokens);
    const ourTokens = turns.map((turn) => turn.ours.inputTokens);
    return [...figures, tableRow(`input tokens, ${name}`, theirTokens, ourTokens)];
  });
  return ['| figure | the tool | loadgen | difference |', '| --- | --- | --- | --- |', ...rows];
}

function tableRow(figure: string, theirs: readonly number[], ours: readonly number[]): string {
  const differences = theirs.map((value, turn) => value - ours[turn]!);
  return `| ${figure} | ${spread(theirs)} | ${spread(ours)} | ${spread(differences)} |`;
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  return `${sorted[sorted.length >> 1]!.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

/** The one at VLLM_URL, which somebody started, or one of our own. */
function vllmServer(): Promise<RunningServer> {
  const url = process.env['VLLM_URL'];
  if (url === undefined) return startRecipe('vllm');
  return Promise.resolve({ url, stop: () => Promise.resolve() });
}

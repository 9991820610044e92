import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLER = fileURLToPath(new URL('install.sh', import.meta.url));
const [VLLM, GUIDELLM, MODEL] = spawnSync('bash', [INSTALLER, '--paths'], { encoding: 'utf8' })
  .stdout.trim()
  .split('\n') as [string, string, string];

/** What a run asks of a server: lengths in tokens. */
export interface AskedLoad {
  readonly url: string;
  readonly api: 'chat' | 'completions';
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the prompts: another one for each run, since a prefix cache would know those of the last. */
  readonly seed: number;
}

const API_PATHS = { chat: '/v1/chat/completions', completions: '/v1/completions' } as const;

/** Over all requests, or all gaps, in ms. */
export interface Statistics {
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
}

/** Under the names of our dialects. */
export type PrintedFigures = Readonly<Record<string, Statistics>>;

/** What a tool says of a run. */
export interface PrintedRun {
  readonly figures: PrintedFigures;
  /** Of a prompt, as the server counts them: text that a tool made of tokens may have others. */
  readonly inputTokens: number;
}

export interface StreamPeer {
  readonly name: string;
  /** Why it does not take part; empty where it does. */
  readonly missing: string;
  run(load: AskedLoad): Promise<PrintedRun>;
}

export const vllmBench: StreamPeer = {
  name: 'vllm bench serve',
  missing: existsSync(VLLM) && existsSync(MODEL) ? '' : 'bash servers/vllm/install.sh',
  async run({ url, api, requests, ratePerSecond, inputTokens, outputTokens, seed }) {
    const endpoint = API_PATHS[api];
    const backend = api === 'chat' ? 'openai-chat' : 'openai';
    const folder = mkdtempSync(join(tmpdir(), 'loadgen-vllm-'));
    await finished(
      VLLM,
      [
        ['bench', 'serve', '--backend', backend, '--base-url', url, '--endpoint', endpoint],
        ['--model', 'tiny', '--tokenizer', MODEL, '--dataset-name', 'random', '--ignore-eos'],
        ['--random-input-len', String(inputTokens), '--random-output-len', String(outputTokens)],
        ['--num-prompts', String(requests), '--request-rate', String(ratePerSecond)],
        ['--seed', String(seed), '--percentile-metrics', 'ttft,tpot,itl,e2el', '--save-result'],
        ['--result-dir', folder, '--result-filename', 'result.json'],
      ].flat(),
    );
    const result = readJson(join(folder, 'result.json')) as Record<string, number>;
    const statistics = (name: string): Statistics => ({
      mean: result[`mean_${name}_ms`]!,
      median: result[`median_${name}_ms`]!,
      p99: result[`p99_${name}_ms`]!,
    });
    const names = ['ttft', 'tpot', 'itl', 'e2el'];
    return {
      figures: Object.fromEntries(names.map((name) => [`vllm_${name}`, statistics(name)])),
      inputTokens: result['total_input_tokens']! / result['completed']!,
    };
  },
};

export const guidellm: StreamPeer = {
  name: 'GuideLLM',
  missing:
    existsSync(GUIDELLM) && existsSync(MODEL)
      ? ''
      : 'bash test/real/vllm/install.sh and bash servers/vllm/install.sh',
  async run({ url, api, requests, ratePerSecond, inputTokens, outputTokens, seed }) {
    const file = join(mkdtempSync(join(tmpdir(), 'loadgen-guidellm-')), 'result.json');
    const backend = `kind=openai_http,target=${url},model=tiny,request_format=${API_PATHS[api]}`;
    const data = `kind=synthetic_text,prompt_tokens=${inputTokens},output_tokens=${outputTokens}`;
    await finished(
      GUIDELLM,
      [
        ['run', '--backend', backend, '--profile', `kind=constant,rate=${ratePerSecond}`],
        ['--constraint', `kind=max_requests,count=${requests}`],
        [
          '--seed',
          `kind=static,value=${seed}`,
          '--tokenizer',
          `kind=hf_auto,model=${MODEL}`,
          '--data',
          data,
        ],
        ['--output', `kind=json,path=${file}`, '--disable-console'],
      ].flat(),
    );
    const report = readJson(file) as { benchmarks: { metrics: GuidellmMetrics }[] };
    const { metrics } = report.benchmarks[0]!;
    const statistics = (name: string, scale = 1): Statistics => {
      const { mean, median, percentiles } = metrics[name]!.successful;
      return { mean: mean * scale, median: median * scale, p99: percentiles.p99 * scale };
    };
    return {
      figures: {
        guidellm_ttft: statistics('time_to_first_token_ms'),
        guidellm_itl: statistics('inter_token_latency_ms'),
        guidellm_tpot: statistics('time_per_output_token_ms'),
        guidellm_request_latency: statistics('request_latency', 1e3),
      },
      inputTokens: statistics('prompt_token_count').mean,
    };
  },
};

type GuidellmMetrics = Readonly<
  Record<
    string,
    { successful: { mean: number; median: number; percentiles: { readonly p99: number } } }
  >
>;

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function finished(program: string, options: readonly string[]): Promise<void> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1' };
  const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors.slice(-2000)}`);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const CACHE = process.env['LOADGEN_CACHE'] ?? join(homedir(), '.cache/loadgen');
const [VLLM] = globSync(join(CACHE, 'vllm-venv-*/bin/vllm'));
const [MODEL] = globSync(join(CACHE, 'models/tiny-llama-*'));
const GUIDELLM = process.env['GUIDELLM'];

/** What a run asks of a server: lengths in tokens. */
export interface AskedLoad {
  readonly url: string;
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Medians in ms, under the names of our dialects. */
export type PrintedFigures = Readonly<Record<string, number>>;

export interface StreamPeer {
  readonly name: string;
  /** Why it does not take part; empty where it does. */
  readonly missing: string;
  run(load: AskedLoad): Promise<PrintedFigures>;
}

export const vllmBench: StreamPeer = {
  name: 'vllm bench serve',
  missing: VLLM === undefined || MODEL === undefined ? 'bash servers/vllm/install.sh' : '',
  async run({ url, requests, ratePerSecond, inputTokens, outputTokens }) {
    const folder = mkdtempSync(join(tmpdir(), 'loadgen-vllm-'));
    await finished(
      VLLM!,
      [
        ['bench', 'serve', '--backend', 'openai', '--base-url', url, '--model', 'tiny'],
        ['--tokenizer', MODEL!, '--dataset-name', 'random', '--ignore-eos'],
        ['--random-input-len', String(inputTokens), '--random-output-len', String(outputTokens)],
        ['--num-prompts', String(requests), '--request-rate', String(ratePerSecond)],
        ['--percentile-metrics', 'ttft,tpot,itl,e2el', '--save-result'],
        ['--result-dir', folder, '--result-filename', 'result.json'],
      ].flat(),
    );
    const result = readJson(join(folder, 'result.json')) as Record<string, number>;
    return Object.fromEntries(
      ['ttft', 'tpot', 'itl', 'e2el'].map((name) => [`vllm_${name}`, result[`median_${name}_ms`]!]),
    );
  },
};

export const guidellm: StreamPeer = {
  name: 'GuideLLM',
  missing:
    GUIDELLM === undefined || !existsSync(GUIDELLM) || MODEL === undefined
      ? 'GUIDELLM=/path/to/guidellm of version 0.8, and bash servers/vllm/install.sh'
      : '',
  async run({ url, requests, ratePerSecond, inputTokens, outputTokens }) {
    const file = join(mkdtempSync(join(tmpdir(), 'loadgen-guidellm-')), 'result.json');
    const backend = `kind=openai_http,target=${url},model=tiny,request_format=/v1/completions`;
    const data = `kind=synthetic_text,prompt_tokens=${inputTokens},output_tokens=${outputTokens}`;
    await finished(
      GUIDELLM!,
      [
        ['run', '--backend', backend, '--profile', `kind=constant,rate=${ratePerSecond}`],
        ['--constraint', `kind=max_requests,count=${requests}`],
        ['--tokenizer', `kind=hf_auto,model=${MODEL!}`, '--data', data],
        ['--output', `kind=json,path=${file}`, '--disable-console'],
      ].flat(),
    );
    const report = readJson(file) as {
      benchmarks: { metrics: Record<string, { successful: { median: number } }> }[];
    };
    const { metrics } = report.benchmarks[0]!;
    const median = (name: string): number => metrics[name]!.successful.median;
    return {
      guidellm_ttft: median('time_to_first_token_ms'),
      guidellm_itl: median('inter_token_latency_ms'),
      guidellm_tpot: median('time_per_output_token_ms'),
      guidellm_request_latency: median('request_latency') * 1e3,
    };
  },
};

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

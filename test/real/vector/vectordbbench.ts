/** VectorDBBench against a server that runs, on a data set of its own format. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
const asked = spawnSync('bash', [join(FOLDER, 'install.sh'), '--path'], { encoding: 'utf8' });
const programs = asked.status === 0 ? join(asked.stdout.trim(), 'bin') : undefined;

/** For the option `skip` of a test: false, or why it cannot run. */
export const skipsWithoutVectorDbBench: string | false =
  programs === undefined && 'VectorDBBench is not installed (test/real/vector/install.sh)';

export interface VectorSet {
  readonly rows: number;
  readonly queries: number;
  readonly dimension: number;
}

/** Writes parquet files with the exact 100 nearest by numpy; returns their folder. */
export function writeVectorSet({ rows, queries, dimension }: VectorSet): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-vdbb-'));
  const sizes = [rows, queries, dimension, 100].map(String);
  const script = join(FOLDER, 'write_dataset.py');
  const { status, stderr } = spawnSync(join(programs!, 'python'), [script, folder, ...sizes], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return folder;
}

export interface VectorDbBenchRun extends VectorSet {
  /** Its subcommand for the database, with how the server is reached and what its index is. */
  readonly database: readonly string[];
  readonly folder: string;
  readonly k: number;
  readonly concurrencies: readonly number[];
  readonly seconds: number;
  /** Or else it searches what an earlier run has loaded. */
  readonly loads: boolean;
}

/** What it prints. */
export interface VectorDbBenchFigures {
  /** Of one pass over all queries, to four digits. */
  readonly recall: number;
  /** Seconds until all rows were in, and until its index was made behind that. */
  readonly insertSeconds: number;
  readonly optimizeSeconds: number;
  /** As many as concurrencies. */
  readonly queriesPerSecond: readonly number[];
}

export async function runVectorDbBench(run: VectorDbBenchRun): Promise<VectorDbBenchFigures> {
  const { database, folder, k, concurrencies, seconds, loads, rows, dimension } = run;
  const results = mkdtempSync(join(tmpdir(), 'loadgen-vdbb-results-'));
  const options = [
    [...database, '--k', String(k)],
    ['--case-type', 'PerformanceCustomDataset', '--custom-case-name', 'side-by-side'],
    ['--custom-dataset-name', 'side-by-side', '--custom-dataset-dir', folder],
    ['--custom-dataset-size', String(rows), '--custom-dataset-dim', String(dimension)],
    ['--custom-dataset-metric-type', 'L2', '--custom-dataset-file-count', '1'],
    ['--skip-custom-dataset-use-shuffled', '--custom-dataset-with-gt'],
    ['--num-concurrency', concurrencies.join(','), '--concurrency-duration', String(seconds)],
    loads ? [] : ['--skip-drop-old', '--skip-load'],
  ].flat();
  const child = spawn(join(programs!, 'python'), [join(FOLDER, 'vectordbbench.py'), ...options], {
    cwd: results,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RESULTS_LOCAL_DIR: results, DATASET_LOCAL_DIR: results },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  const [file] = globSync(join(results, '*/result_*.json'));
  if (code !== 0 || file === undefined) throw new Error(`${code}: ${said.slice(-4_000)}`);
  const { metrics, label } = figuresIn(readFileSync(file, 'utf8'));
  // It ends with 0 all the same where it failed.
  if (label !== ':)') throw new Error(said.slice(-4_000));
  return {
    recall: metrics.recall,
    insertSeconds: metrics.insert_duration,
    optimizeSeconds: metrics.optimize_duration,
    queriesPerSecond: metrics.conc_qps_list,
  };
}

interface WrittenResult {
  readonly label: string;
  readonly metrics: {
    readonly recall: number;
    readonly insert_duration: number;
    readonly optimize_duration: number;
    readonly conc_qps_list: readonly number[];
  };
}

function figuresIn(text: string): WrittenResult {
  const { results } = JSON.parse(text) as { readonly results: readonly [WrittenResult] };
  return results[0];
}

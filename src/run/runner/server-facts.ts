import { readFileSync } from 'node:fs';
import type { ServerUse } from '../../results/interchange/server-use.ts';

const METRICS_TIMEOUT_MS = 2_000;
const METRICS_LIMIT_BYTES = 4 * 1024 * 1024;
/** What /proc counts CPU time in (USER_HZ, 100 on every Linux that Node supports). */
const TICKS_PER_SECOND = 100;

/** Reads `embedding_model_load_seconds` and `embedding_peak_memory_bytes` off a metrics page. */
export async function factsFromMetrics(
  url: string,
): Promise<Pick<ServerUse, 'modelLoadTimeMs' | 'peakMemoryMb'>> {
  const text = await fetchText(url);
  const loadSeconds = gauge(text, 'embedding_model_load_seconds');
  const peakBytes = gauge(text, 'embedding_peak_memory_bytes');
  return {
    modelLoadTimeMs: loadSeconds === null ? null : loadSeconds * 1_000,
    peakMemoryMb: peakBytes === null ? null : peakBytes / 2 ** 20,
  };
}

/** CPU seconds that a process has used so far, user and system; null when it cannot be read. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may hold anything, spaces too (man 5 proc).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

async function fetchText(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) });
    if (!answer.ok || Number(answer.headers.get('content-length')) > METRICS_LIMIT_BYTES) return '';
    return await answer.text();
  } catch {
    return '';
  }
}

/** The value of an unlabelled sample in the Prometheus text format. */
function gauge(text: string, name: string): number | null {
  const match = new RegExp(`^${name}(?:\\{[^}]*\\})? +(\\S+)`, 'm').exec(text);
  const value = match === null ? Number.NaN : Number(match[1]);
  return Number.isFinite(value) ? value : null;
}

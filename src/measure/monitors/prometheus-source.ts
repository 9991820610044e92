import type { MetricDeclaration } from '../metrics/metric.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { parsePrometheusText, type PrometheusSample } from './prometheus-text.ts';
import type { ServerReading, ServerSource } from './server-source.ts';

const TIMEOUT_MS = 2_000;
const PAGE_LIMIT_BYTES = 4 * 2 ** 20;
const ACCEPT = 'text/plain;version=0.0.4;q=1,*/*;q=0.1';
/** Tags that loadgen sets itself, or asks by: a label of that name gets another one. */
const TAKEN_TAGS: ReadonlySet<string> = new Set(
  'flow step target outcome phase stage reason state wait'.split(' '),
);

/**
 * The page of metrics of a server: counters, also those of histograms and summaries, and gauges.
 * Buckets are left out: their quantiles are what loadgen measures itself, and better.
 */
export function prometheusSource(about: {
  readonly target: string;
  readonly everyNs: number;
  readonly url: string;
}): ServerSource {
  const { target, everyNs, url } = about;
  return {
    target,
    kind: 'prometheus',
    everyNs,
    async read() {
      const page = parsePrometheusText(await fetchMetricsPage(url));
      if (page.samples.length === 0) throw new Error('no metrics in the text format');
      return page.samples.flatMap((sample) => readingOf(sample, target));
    },
    close() {},
  };
}

/** What a sample is to loadgen; nothing for a bucket, and for what is no number. */
export function readingOf(sample: PrometheusSample, target: string): ServerReading[] {
  const { name, labels, value, type } = sample;
  const isPart = type === 'histogram' || type === 'summary';
  if (!Number.isFinite(value) || (type === 'histogram' && name.endsWith('_bucket'))) return [];
  const isCounter = type === 'counter' || (isPart && /_(?:sum|count)$/.test(name));
  const tags: Tags = { ...ownTags(labels), target };
  return [{ declaration: declarationOf(name, isCounter ? 'counter' : 'gauge'), tags, value }];
}

function declarationOf(name: string, kind: 'counter' | 'gauge'): MetricDeclaration {
  const clean = name.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return {
    name: `server_${clean}`,
    kind,
    // Values stay as the server gives them: a name that ends in _seconds counts seconds.
    unit: /_bytes(?:_total|_sum)?$/.test(clean) ? 'bytes' : 'count',
    description: `${name} of the server, ${kind === 'counter' ? 'counted' : 'as it was'}.`,
    better: 'neither',
  };
}

function ownTags(labels: Readonly<Record<string, string>>): Tags {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [
      TAKEN_TAGS.has(label) ? `server_${label}` : label,
      value,
    ]),
  );
}

/** The text of a page; rejects where it cannot be had, in time and within its limit. */
export async function fetchMetricsPage(url: string): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(url, { signal, headers: { accept: ACCEPT } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > PAGE_LIMIT_BYTES) throw new Error(`a page of more than ${PAGE_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

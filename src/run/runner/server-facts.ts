import { fetchMetricsPage } from '../../measure/monitors/prometheus-source.ts';
import {
  parsePrometheusText,
  type PrometheusPage,
} from '../../measure/monitors/prometheus-text.ts';
import type { ServerUse } from '../../results/interchange/server-use.ts';

/** Reads `embedding_model_load_seconds` and `embedding_peak_memory_bytes` off a metrics page. */
export async function factsFromMetrics(
  url: string,
): Promise<Pick<ServerUse, 'modelLoadTimeMs' | 'peakMemoryMb'>> {
  const page = parsePrometheusText(await fetchMetricsPage(url).catch(() => ''));
  const loadSeconds = gauge(page, 'embedding_model_load_seconds');
  const peakBytes = gauge(page, 'embedding_peak_memory_bytes');
  return {
    modelLoadTimeMs: loadSeconds === null ? null : loadSeconds * 1_000,
    peakMemoryMb: peakBytes === null ? null : peakBytes / 2 ** 20,
  };
}

function gauge({ samples }: PrometheusPage, name: string): number | null {
  const value = samples.find((sample) => sample.name === name)?.value ?? Number.NaN;
  return Number.isFinite(value) ? value : null;
}

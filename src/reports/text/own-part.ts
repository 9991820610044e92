import type { MetricSource, Tags } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import type { Palette } from '../palette.ts';
import { generatorLines } from './generator-lines.ts';
import { latencyTable, type LatencyRow } from './latency-table.ts';

const LAGS: readonly { readonly label: string; readonly metric: string; readonly tags: Tags }[] = [
  { label: 'pacer_lag', metric: 'pacer_lag', tags: {} },
  { label: 'write_lag', metric: 'write_lag', tags: {} },
  { label: 'receive_error', metric: 'receive_error', tags: {} },
  { label: 'turnaround', metric: 'turnaround', tags: {} },
  { label: 'slot_wait cap', metric: 'slot_wait', tags: { wait: 'cap' } },
  { label: 'slot_wait connect', metric: 'slot_wait', tags: { wait: 'connect' } },
];

const REMARK = 'slot_wait is the scenario’s own doing: its in-flight cap, and opening connections.';

/** The generator's own part in the figures, so that a reader can see how small it is. */
export function ownPart(result: Result, source: MetricSource, palette: Palette): string[] {
  return [...lags(source, palette), ...generatorLines(result)];
}

function lags(source: MetricSource, palette: Palette): string[] {
  const rows = LAGS.map(({ label, metric, tags }): LatencyRow => {
    return { label, ranked: source.ranked(metric, tags) };
  }).filter(({ label, ranked: { answered } }) =>
    isWait(label) ? answered.max > 0 : answered.count > 0,
  );
  if (rows.length === 0) return [];
  const table = latencyTable('loadgen itself', rows, palette);
  if (!rows.some(({ label }) => isWait(label))) return table;
  return [...table, palette.dim(`  ${REMARK}`)];
}

/** Nobody waited where the longest wait is 0: then there is nothing to say. */
function isWait(label: string): boolean {
  return label.startsWith('slot_wait');
}

import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import type { Result } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { latencyTable } from './latency-table.ts';

const STAGES_SHOWN = 12;
const NAME_COLUMNS = 24;

/** What users waited in each named stage. */
export function stages({ stages: all = [], flows, metrics }: Result, palette: Palette): string[] {
  const rows = all.slice(0, STAGES_SHOWN).map(({ name, flow, durationSeconds, series }) => {
    const source = MetricStore.fromRecords({
      declarations: metrics as readonly MetricDeclaration[],
      durationSeconds,
      records: series as readonly SeriesRecord[],
    });
    const label = flows.length > 1 ? `${flow} ${name}` : name;
    return { label: cut(printable(label), NAME_COLUMNS), ranked: source.ranked('response_time') };
  });
  return rows.length === 0 ? [] : latencyTable('Stages: response_time', rows, palette);
}

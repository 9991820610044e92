import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import type { Result } from './result.ts';

/** What a saved result has measured, to be asked again. */
export function measuredSource(result: Result): MetricStore {
  return MetricStore.fromRecords({
    // The schema's optional keys allow an explicit undefined, which JSON does not have.
    declarations: result.metrics as readonly MetricDeclaration[],
    durationSeconds: result.durationSeconds,
    records: result.series as readonly SeriesRecord[],
  });
}

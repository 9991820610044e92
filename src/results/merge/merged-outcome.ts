import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { GaugeHistory, type GaugeRecord } from '../../measure/metrics/gauge-history.ts';
import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { seriesKey } from '../../measure/metrics/series-key.ts';
import type { ThresholdResult } from '../../measure/thresholds/evaluate-thresholds.ts';
import type { Result } from '../schema/result.ts';
import type { ReadShard } from './read-shards.ts';

/** Gauges of the merged rows, level after level. */
export class MergedGauges {
  readonly #histories = new Map<string, GaugeHistory>();

  add(records: readonly SeriesRecord[]): void {
    for (const { metric, tags, gauge } of records) {
      if (gauge === undefined) continue;
      const key = seriesKey(metric, tags);
      const history = this.#histories.get(key) ?? new GaugeHistory();
      history.append(GaugeHistory.fromRecord(gauge));
      this.#histories.set(key, history);
    }
  }

  of({ metric, tags }: SeriesRecord): GaugeRecord {
    return (this.#histories.get(seriesKey(metric, tags)) ?? new GaugeHistory()).toRecord();
  }
}

/** Counters and histograms of all shards added up, count for count, in the order of `heads`. */
export function mergedStore(parts: {
  readonly heads: readonly SeriesRecord[];
  readonly declarations: readonly MetricDeclaration[];
  readonly durationSeconds: number;
  readonly records: readonly (readonly SeriesRecord[])[];
  readonly gauges: MergedGauges;
}): MetricStore {
  const { heads, declarations, durationSeconds, gauges } = parts;
  const sum = MetricStore.fromRecords({
    declarations,
    durationSeconds,
    records: heads.map(emptied),
  });
  for (const records of parts.records) {
    sum.add(MetricStore.fromRecords({ declarations, durationSeconds, records }));
  }
  const records = sum
    .toRecords()
    .map((record) => (record.kind === 'gauge' ? { ...record, gauge: gauges.of(record) } : record));
  return MetricStore.fromRecords({ declarations, durationSeconds, records });
}

/** The series with nothing in it. */
export function emptied({ metric, tags, kind, unit, first }: SeriesRecord): SeriesRecord {
  return {
    ...{ metric, tags, kind, unit, ...(first && { first }) },
    ...(kind === 'counter' && { value: 0 }),
  };
}

export function mergedReasons(shards: readonly ReadShard[]): Result['failureReasons'] {
  const merged = new Map<string, Result['failureReasons'][number]>();
  for (const one of shards.flatMap(({ result }) => result.failureReasons)) {
    const key = `${one.target} ${one.reason}`;
    merged.set(key, { ...one, count: one.count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
}

/** What shards remark, once where all say the same. */
export function mergedNotes(shards: readonly ReadShard[]): string[] {
  const notes = new Map<string, number[]>();
  for (const { index, result } of shards) {
    for (const note of result.notes) notes.set(note, [...(notes.get(note) ?? []), index]);
  }
  return [...notes].map(([note, indexes]) =>
    indexes.length === shards.length ? note : `shard ${indexes.join(', ')}: ${note}`,
  );
}

/** Worst first. */
const VERDICTS = ['INVALID', 'SUSPECT', 'NOT_JUDGED', 'VALID'] as const;

/** The worst of all shards; one that is missing, late or cut off spoils the whole. */
export function mergedVerdict(
  shards: readonly ReadShard[],
  remarks: readonly string[],
): Result['verdict'] {
  const states = new Set(shards.map(({ result }) => result.verdict.state));
  const worst = VERDICTS.find((state) => states.has(state)) ?? 'NOT_JUDGED';
  const reasons = shards.flatMap(({ index, result: { verdict } }) =>
    verdict.reasons.map((reason) => `shard ${index}: ${reason}`),
  );
  return { state: remarks.length > 0 ? 'INVALID' : worst, reasons: [...remarks, ...reasons] };
}

export function mergedExitCode(
  thresholds: readonly ThresholdResult[],
  verdict: Result['verdict'],
): ExitCode {
  const passed = thresholds.every(({ status }) => status === 'passed');
  return worstExitCode([
    passed ? EXIT_CODES.ok : EXIT_CODES.thresholdsFailed,
    verdict.state === 'INVALID' ? EXIT_CODES.runInvalid : EXIT_CODES.ok,
  ]);
}

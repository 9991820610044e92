import type { MetricSource, Tags } from '../../measure/metrics/metric-source.ts';
import type { Result, ResultTarget } from '../schema/result.ts';

/** What tells the series of one target from those of others, where there are others. */
export function targetTags({ targets }: Result, { name }: ResultTarget): Tags {
  return targets.length > 1 ? { target: name } : {};
}

/** Operations a second that ended ok in the measured time, of the target that `tags` name. */
export function throughputOf(result: Result, source: MetricSource, tags: Tags): number | null {
  if (tags['target'] === undefined) return result.throughput.operationsPerSecond;
  if (result.durationSeconds <= 0) return null;
  const ok = (['warmup', 'measure'] as const).map((phase) =>
    source.counter('ok_in_window', { ...tags, phase }),
  );
  return (ok[0]! + ok[1]!) / result.durationSeconds;
}

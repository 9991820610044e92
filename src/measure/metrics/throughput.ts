import { inWindowName } from './driver-metrics.ts';
import type { MetricSource, Tags } from './metric-source.ts';
import { tagsWithout } from './series-key.ts';

/** Operations that ended ok between T0 and T1, of whatever phase, per second. */
export function throughputPerSecond(source: MetricSource, tags: Tags = {}): number {
  return ratePerSecond(source, 'operations', { ...tags, outcome: 'ok' });
}

/**
 * A counter per second of the measured time. Operations that ended ok, items, goodput and the
 * counters of drivers count where they ended between T0 and T1; other counters whole, with what
 * ended while draining.
 */
export function ratePerSecond(source: MetricSource, metric: string, tags: Tags = {}): number {
  if (source.durationSeconds === 0) return 0;
  const okOperations = metric === 'operations' && tags.outcome === 'ok';
  const windowed = inWindowName(okOperations ? 'ok' : metric);
  if (!source.declarations.has(windowed))
    return source.counter(metric, tags) / source.durationSeconds;
  const asked = tagsWithout(tags, 'outcome', 'phase');
  const count =
    source.counter(windowed, { ...asked, phase: 'warmup' }) +
    source.counter(windowed, { ...asked, phase: 'measure' });
  return count / source.durationSeconds;
}

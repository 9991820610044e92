import { median, spread } from '../statistics.ts';
import type { Measurement } from './measurement.ts';
import type { Gate, Ratio } from './report.ts';

/**
 * Holds the ratios of a measurement against those of an earlier one. A ratio has dropped when its
 * median is worse than all that was seen then, and the median of then better than all that is seen
 * now: one slow repetition on either side is not a drop.
 */
export function compareRatios(now: Measurement, before: Measurement): Gate[] {
  return Object.entries(before.ratios).map(([name, then]) => {
    const ratio = now.ratios[name];
    if (ratio === undefined) {
      return { text: `${name}: not measured, ${spread(then.values)} before`, holds: true };
    }
    const text = `${name}: ${spread(ratio.values)}, ${spread(then.values)} before`;
    return { text, holds: !hasDropped(ratio, then) };
  });
}

function hasDropped(now: Ratio, before: Ratio): boolean {
  if (now.better === 'lower') return hasDropped(negated(now), negated(before));
  return (
    median(now.values) < Math.min(...before.values) &&
    median(before.values) > Math.max(...now.values)
  );
}

function negated({ values }: Ratio): Ratio {
  return { values: values.map((value) => -value), better: 'higher' };
}

import type { Tags } from '../metrics/metric-source.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** Swept axes by their key as written → the value or point of one trial. */
export type Axes = Readonly<Record<string, string | number | boolean>>;

/** Whether the axes that a threshold names have its values in this trial. */
export function appliesTo(spec: ThresholdSpec, axes: Axes): boolean {
  return Object.entries(spec.tags).every(
    ([name, value]) => !Object.hasOwn(axes, name) || value === '*' || value === String(axes[name]),
  );
}

/** The tags of a threshold that series have: those that are no swept axis. */
export function seriesTagsOf(spec: ThresholdSpec, axes: Axes): Tags {
  return Object.fromEntries(
    Object.entries(spec.tags).filter(([name]) => !Object.hasOwn(axes, name)),
  );
}

import type { LiveOutputs } from '../outputs/live-outputs.ts';
import type { LiveView } from './live-view.ts';
import { loadgenVersion } from './version.ts';

/** A view that tells live outputs what it is told. */
export function viewWithOutputs(view: LiveView, outputs: LiveOutputs): LiveView {
  return {
    ...view,
    trialStarted(trial, context) {
      view.trialStarted(trial, context);
      const { scenario, axes, repetition, trial: number } = trial;
      const labels = Object.entries(axes).map(([axis, value]) => [axis, String(value)]);
      outputs.trialStarted({
        scenario,
        trial: number,
        version: loadgenVersion(),
        labels: {
          ...(Object.fromEntries(labels) as Record<string, string>),
          ...(repetition !== undefined && { repetition: String(repetition) }),
        },
      });
    },
    interval(interval, total) {
      view.interval(interval, total);
      outputs.interval(interval, total);
    },
  };
}

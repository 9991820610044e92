import { ratioInterval } from '../../measure/statistics/ratio-interval.ts';
import {
  BASELINE_SCHEMA,
  type BaselineComparison,
  type BaselineFigure,
} from '../schema/baseline.ts';
import type { Result } from '../schema/result.ts';
import { FIGURES, PointFigures, type Figure } from './figure-estimates.ts';

export interface ComparedRuns {
  readonly current: readonly Result[];
  readonly baseline: readonly Result[];
  /** Where the baseline lies, as the reader should see it. */
  readonly baselineFolder: string;
  /** Between 0 and 1. */
  readonly maxRegression: number;
}

/**
 * Judges a run against an earlier one of the same plan, point by point. A figure has regressed only
 * where the 95% interval of its ratio lies wholly beyond the limit, and has held only where it lies
 * wholly within; anything else is undecided.
 */
export function compareBaseline(runs: ComparedRuns): BaselineComparison {
  const { current, baseline, maxRegression, baselineFolder } = runs;
  const earlier = byPoint(baseline);
  const points = [...byPoint(current)].map(([key, results]) => {
    const before = earlier.get(key) ?? [];
    return {
      axes: results[0]!.axes,
      runs: results.length,
      baselineRuns: before.length,
      figures: figuresOf(results, before, maxRegression),
    };
  });
  const [first] = baseline;
  return {
    schema: BASELINE_SCHEMA,
    status: statusOf(points.flatMap(({ figures }) => figures)),
    maxRegression,
    baseline: {
      folder: baselineFolder,
      runId: first!.runId,
      startedAt: first!.phases[0]?.startedAt ?? null,
      loadgen: first!.versions.loadgen,
    },
    points,
    notes: notesOf(current, baseline),
  };
}

/** `results` in the order of their points. */
export function byPoint<Kind extends Pick<Result, 'axes'>>(
  results: readonly Kind[],
): Map<string, Kind[]> {
  const points = new Map<string, Kind[]>();
  for (const result of results) {
    const key = pointKey(result.axes);
    points.set(key, [...(points.get(key) ?? []), result]);
  }
  return points;
}

/** `level=high params.tokens=32`, whatever the order in which the axes stand. */
export function pointKey(axes: Result['axes']): string {
  const names = Object.keys(axes).toSorted();
  return names.map((name) => `${name}=${String(axes[name])}`).join(' ');
}

function figuresOf(
  results: readonly Result[],
  before: readonly Result[],
  maxRegression: number,
): BaselineFigure[] {
  const now = new PointFigures(results.filter(({ state }) => state === 'complete'));
  const then = new PointFigures(before);
  return FIGURES.map((figure) => judge(figure, { now, then, maxRegression }));
}

function judge(
  { metric, percent }: Figure,
  run: { readonly now: PointFigures; readonly then: PointFigures; readonly maxRegression: number },
): BaselineFigure {
  const isRate = percent === null;
  const limit = isRate ? 1 - run.maxRegression : 1 + run.maxRegression;
  const [now, then] = [run.now, run.then].map((side) => side.estimate({ metric, percent }));
  const head = { metric, percent, limit };
  if (!('estimate' in now!) || !('estimate' in then!)) {
    const values = [now!, then!].map((side) =>
      'estimate' in side ? side.estimate.value : side.value,
    );
    const reasons = [
      ...('reason' in now! ? [now.reason] : []),
      ...('reason' in then! ? [`the baseline: ${then.reason}`] : []),
    ];
    const [current, baseline] = values as [number | null, number | null];
    const none = { status: 'undecided', ratio: null, low: null, high: null } as const;
    return { ...head, ...none, current, baseline, reason: reasons[0]! };
  }
  const { ratio, low, high } = ratioInterval(now.estimate, then.estimate);
  const top = high ?? Infinity;
  const held = isRate ? low >= limit : top <= limit;
  const regressed = isRate ? top < limit : low > limit;
  return {
    ...head,
    status: held ? 'held' : regressed ? 'regressed' : 'undecided',
    ...{ ratio, low, high, current: now.estimate.value, baseline: then.estimate.value },
    reason: held || regressed ? null : 'not decided with this many samples',
  };
}

function statusOf(figures: readonly BaselineFigure[]): BaselineComparison['status'] {
  if (figures.some(({ status }) => status === 'regressed')) return 'regressed';
  return figures.some(({ status }) => status === 'held') ? 'held' : 'undecided';
}

/** What does not forbid a comparison, and may all the same be what the difference is made of. */
function notesOf([now]: readonly Result[], [then]: readonly Result[]): string[] {
  if (now === undefined || then === undefined) return [];
  const differing = [
    ['loadgen', now.versions.loadgen, then.versions.loadgen],
    ['Node', now.versions.node, then.versions.node],
    ['the number of workers', String(now.workers), String(then.workers)],
  ] as const;
  return differing
    .filter(([, mine, theirs]) => mine !== theirs)
    .map(([what, mine, theirs]) => `${what} differs: ${mine} here, ${theirs} in the baseline`);
}

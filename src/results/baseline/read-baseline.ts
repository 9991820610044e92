import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { readResult, type ReadTrial } from '../read/read-result.ts';
import type { Result } from '../schema/result.ts';
import type { TrialFacts } from '../schema/trial-facts.ts';
import { TRIAL_FILES } from '../trial-files.ts';
import { byPoint } from './compare-baseline.ts';
import { shapeDifference, type TrialShape } from './trial-shape.ts';

export interface Baseline {
  readonly folder: string;
  readonly results: readonly Result[];
  readonly shapes: readonly TrialShape[];
}

/** The results of a good run; throws BASELINE_NOT_USABLE, or RESULT_NOT_READABLE. */
export async function readBaseline(folder: string): Promise<Baseline> {
  const { run, trials } = await readResult(folder);
  for (const { result } of trials) refuseBad(folder, result);
  if (run !== undefined && run.exitCode !== 0) {
    refuse(folder, `it was no good run: exit code ${run.exitCode ?? 'unknown'}`);
  }
  return { folder, results: trials.map(({ result }) => result), shapes: trials.map(shapeOfTrial) };
}

/** What a trial that is in its folder was. */
export function shapeOfTrial({ folder, result }: ReadTrial): TrialShape {
  const path = join(folder, TRIAL_FILES.effectiveConfig);
  const config = existsSync(path) ? (parse(readFileSync(path, 'utf8')) as unknown) : undefined;
  return { facts: result, config };
}

/**
 * Refuses what is another plan, or of another shape: every point must be there in both runs, with
 * the same load, steps and data. Addresses of targets may differ. Throws BASELINE_NOT_USABLE.
 */
export function checkBaseline(baseline: Baseline, current: readonly TrialShape[]): void {
  const { folder, shapes } = baseline;
  const theirs = byPoint(shapes.map(withAxes));
  const ours = byPoint(current.map(withAxes));
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    const [then] = theirs.get(key) ?? [];
    const [now] = ours.get(key) ?? [];
    const point = key === '' ? 'without a sweep' : key;
    if (then === undefined) refuse(folder, `it has no trial ${point}, and this run has`);
    if (now === undefined) refuse(folder, `it has a trial ${point}, and this run has none`);
    const difference = shapeDifference(then.shape, now.shape);
    if (difference !== undefined) refuse(folder, difference);
  }
}

function withAxes(shape: TrialShape): { axes: TrialFacts['axes']; shape: TrialShape } {
  return { axes: shape.facts.axes, shape };
}

function refuseBad(folder: string, { state, exitCode, trial }: Result): void {
  if (state !== 'complete') refuse(folder, `its trial ${trial} is ${state}`);
  if (exitCode !== 0) refuse(folder, `its trial ${trial} ended with exit code ${exitCode}`);
}

function refuse(path: string, reason: string): never {
  throw new LoadgenError('BASELINE_NOT_USABLE', { path, reason });
}

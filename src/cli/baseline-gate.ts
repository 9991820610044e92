import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EXIT_CODES, type ExitCode } from '../base/errors/exit-codes.ts';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { planHash } from '../load/executors/plan-hash.ts';
import { compareBaseline } from '../results/baseline/compare-baseline.ts';
import { checkBaseline, readBaseline, type Baseline } from '../results/baseline/read-baseline.ts';
import type { TrialShape } from '../results/baseline/trial-shape.ts';
import type { BaselineComparison } from '../results/schema/baseline.ts';
import type { Result } from '../results/schema/result.ts';
import { trialFacts } from '../results/write/trial-facts.ts';
import { uuid7 } from '../results/write/uuid7.ts';
import { writeJson } from '../results/write/write-document.ts';
import { BASELINE_FILE } from '../results/trial-files.ts';
import type { TrialSummary } from '../run/runner/record-trial.ts';
import type { ResolvedScenario } from '../scenario/resolved.ts';

export interface BaselineOptions {
  /** The folder of a good run. */
  readonly baseline?: string;
  /** `10%` as typed. */
  readonly maxRegression?: string;
}

const DEFAULT_REGRESSION = '10%';

/** Between 0 and 1; throws OPTION_INVALID. */
export function regressionLimit(
  { baseline, maxRegression }: BaselineOptions,
  command: string,
): number {
  const value = maxRegression ?? DEFAULT_REGRESSION;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
  const limit = Number(percent) / 100;
  const isUsable = percent !== undefined && limit >= 0 && limit < 1;
  if (isUsable && (maxRegression === undefined || baseline !== undefined)) return limit;
  const expected = isUsable ? '--baseline DIR beside it' : 'a share below 100%, such as 10%';
  throw new LoadgenError('OPTION_INVALID', {
    option: '--max-regression',
    value,
    expected,
    command,
  });
}

/** What a comparison makes of the exit code: what was not shown was not met. */
export function comparisonExitCode({ status }: BaselineComparison): ExitCode {
  return status === 'held' ? EXIT_CODES.ok : EXIT_CODES.thresholdsFailed;
}

/** Holds a run against a baseline: refuses a wrong one before the load, and judges at the end. */
export class BaselineGate {
  comparison: BaselineComparison | undefined;
  readonly #baseline: Baseline;
  readonly #maxRegression: number;

  private constructor(baseline: Baseline, maxRegression: number) {
    this.#baseline = baseline;
    this.#maxRegression = maxRegression;
  }

  /** Undefined where no baseline was asked for. */
  static async open(
    options: BaselineOptions & { readonly shard?: string | undefined },
    scenario: ResolvedScenario,
  ): Promise<BaselineGate | undefined> {
    const limit = regressionLimit(options, 'run');
    if (options.baseline === undefined) return undefined;
    if (options.shard !== undefined) {
      const expected = 'a whole run; compare shards merged: loadgen report DIR --baseline';
      const values = { option: '--baseline', value: options.baseline, expected, command: 'run' };
      throw new LoadgenError('OPTION_INVALID', values);
    }
    const baseline = await readBaseline(options.baseline);
    checkBaseline(baseline, shapesOf(scenario));
    return new BaselineGate(baseline, limit);
  }

  /** Compares what is whole; of a run that is not, its own exit code says enough. */
  judge(trials: readonly TrialSummary[], runFolder: string): ExitCode {
    const results = trials.flatMap(({ result }) => result ?? []);
    if (!results.every(({ state }) => state === 'complete')) return EXIT_CODES.ok;
    this.comparison = this.#compare(results);
    writeJson(join(runFolder, BASELINE_FILE), this.comparison);
    return comparisonExitCode(this.comparison);
  }

  #compare(current: readonly Result[]): BaselineComparison {
    const { folder, results } = this.#baseline;
    const maxRegression = this.#maxRegression;
    return compareBaseline({ current, baseline: results, baselineFolder: folder, maxRegression });
  }
}

/** What the trials of a scenario will be, before one of them has run. */
function shapesOf({ trials, trialConfigs, redactedPaths }: ResolvedScenario): TrialShape[] {
  const id = uuid7(0, randomBytes(10));
  const run = { runId: id, trialId: id, versions: { loadgen: '', node: '' } };
  return trials.map((trial, index) => {
    const plan = planHash(trial.flows, trial.seed);
    const opening = { trial, trialCount: trials.length, workers: 1, planHash: plan };
    return {
      facts: trialFacts({ ...opening, startedServers: [] }, run, redactedPaths),
      config: trialConfigs?.[index],
    };
  });
}

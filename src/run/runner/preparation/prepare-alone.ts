import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { ThresholdWatch } from '../../../measure/thresholds/threshold-watch.ts';
import { surroundingPhaseOf } from '../../../measure/thresholds/judged-apart.ts';
import type { ThresholdResult } from '../../../measure/thresholds/evaluate-thresholds.ts';
import { MetricStore } from '../../../measure/metrics/metric-store.ts';
import type { SurroundingPhase } from '../../../measure/metrics/outcome.ts';
import type { PreparationOutcome } from '../../../results/trial-outcome.ts';
import type { ResolvedScenario, ResolvedTrial } from '../../../scenario/resolved.ts';
import { loadDefinitions } from '../load-definitions.ts';
import { needsOf, preparationContent } from './preparation-content.ts';
import { measuredAround, Preparation, type PreparationParts } from './preparation.ts';

export interface PreparedAlone {
  readonly records: readonly PreparationOutcome[];
  /** Those on this phase. */
  readonly thresholds: readonly ThresholdResult[];
}

/** `loadgen prepare` and `loadgen cleanup`: one list of a scenario, without its load. */
export async function prepareAlone(
  scenario: ResolvedScenario,
  phase: SurroundingPhase,
  parts: Omit<PreparationParts, 'definitions'>,
): Promise<PreparedAlone> {
  const [trial] = scenario.trials as [ResolvedTrial];
  checkPossible(scenario.trials, phase);
  const definitions = await loadDefinitions([trial]);
  const preparation = new Preparation({ ...parts, definitions });
  const flows = (phase === 'prepare' ? trial.prepare : trial.cleanUp) ?? [];
  const records = await preparation.alone(flows, trial);
  const own = trial.thresholds.filter((spec) => surroundingPhaseOf(spec) === phase);
  const watch = new ThresholdWatch(own, trial.axes);
  return {
    records,
    thresholds: watch.results(new MetricStore([]), { around: measuredAround(records) }),
  };
}

/** Trials that differ in it would undo each other, and a server of our own would end with us. */
function checkPossible(trials: readonly ResolvedTrial[], command: SurroundingPhase): void {
  const [trial] = trials as [ResolvedTrial];
  const contents = new Set(trials.map(preparationContent));
  if (contents.size > 1) {
    const reason = `the ${trials.length} trials are prepared in ${contents.size} ways`;
    const remedy = 'Choose one of them with --set PATH=VALUE';
    throw new LoadgenError('PREPARATION_NOT_POSSIBLE', { command, reason, remedy });
  }
  const flows = [...(trial.prepare ?? []), ...(trial.cleanUp ?? [])];
  const own = Object.values(needsOf(trial, flows).targets).find(({ url }) => url === '');
  if (own === undefined) return;
  const reason = `the target "${own.name}" has no url, and a server that it starts would end with it`;
  const remedy = `Start "${own.server}" and name it with --target ${own.name}=URL`;
  throw new LoadgenError('PREPARATION_NOT_POSSIBLE', { command, reason, remedy });
}

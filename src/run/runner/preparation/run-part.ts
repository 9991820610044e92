import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { DriverDefinition } from '../../../drivers/driver.ts';
import { modelOf } from '../../../load/executors/registry.ts';
import { checkAccount } from '../../../measure/metrics/account.ts';
import type { Account } from '../../../measure/metrics/interval.ts';
import type { MetricStore } from '../../../measure/metrics/metric-store.ts';
import {
  FAILED_OUTCOMES,
  MEASURE,
  type SurroundingPhase,
} from '../../../measure/metrics/outcome.ts';
import type { Result } from '../../../results/schema/result.ts';
import type { PreparationOutcome } from '../../../results/trial-outcome.ts';
import type { ResolvedFlow, ResolvedTrial } from '../../../scenario/resolved.ts';
import { failureReasonsOf } from '../failure-reasons.ts';
import type { RunObserver } from '../observer.ts';
import { runTrial, type TrialEnd } from '../run-trial.ts';
import type { StopSignal } from '../stop-requests.ts';
import { PartProgress } from './part-progress.ts';
import { needsOf } from './preparation-content.ts';

export interface PartSetting {
  readonly trial: ResolvedTrial;
  /** By driver name. */
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly workers: number;
  readonly clock: Clock;
  readonly stop: StopSignal;
  readonly observer: Pick<RunObserver, 'status'>;
}

const WORDS = { prepare: 'Preparing', cleanup: 'Cleaning up' } as const;

/** Runs one part as a small trial of its own, by the workers and sessions that run every load. */
export async function runPart(
  part: ResolvedFlow,
  setting: PartSetting,
): Promise<PreparationOutcome> {
  const { clock, workers, observer, definitions, stop } = setting;
  const trial = trialOf(part, setting.trial);
  const phase = part.name as SurroundingPhase;
  const steps = part.steps.map(({ name }) => name);
  const progress = new PartProgress(`${WORDS[phase]}: ${steps.join(', ')}`, {
    clock,
    say: (text) => observer.status(text),
  });
  const model = modelOf(part.load);
  const places = model.kind === 'closed' ? model.vus : model.maxInFlight;
  try {
    const end = await runTrial({
      trial,
      definitions,
      workers: Math.min(workers, places),
      shard: { index: 0, count: 1 },
      clock,
      stop,
      observer: progress,
      interval: ({ account }) => (account.aborted > 0 ? 'end-load' : undefined),
      measureBegan() {},
      loadEnded() {},
    });
    return { phase, trial: trial.trial, steps, ...recordOf(end, part, stop) };
  } finally {
    progress.close();
  }
}

/** A trial whose load is this part, with nothing that the part does not use. */
function trialOf(part: ResolvedFlow, of: ResolvedTrial): ResolvedTrial {
  const { prepare: _, cleanUp: __, verdict: ___, ...trial } = of;
  const { targets, data } = needsOf(of, [part]);
  return { ...trial, targets, data, flows: [part], thresholds: [] };
}

function recordOf(
  end: TrialEnd,
  part: ResolvedFlow,
  stop: StopSignal,
): Omit<PreparationOutcome, 'phase' | 'trial' | 'steps'> {
  const account = end.collector.account(MEASURE);
  const metrics = end.collector.total;
  const identity = checkAccount(account, true);
  const unbalanced =
    identity === undefined ? undefined : new LoadgenError('ACCOUNT_NOT_BALANCED', { identity });
  const error = end.error ?? unbalanced;
  const reasons = failureReasonsOf(end.reports);
  const startNs = Math.min(end.control.phaseStartNs(MEASURE), end.endedNs);
  return {
    startNs,
    endNs: Math.max(startNs, end.measureEndNs),
    metrics,
    account,
    failureReasons: reasons,
    settingsKept: end.reports.flatMap(({ settingsKept }) => settingsKept),
    failure: error ?? (stop.drain ? undefined : whyNotDone(part, { account, metrics, reasons })),
  };
}

interface Recorded {
  readonly account: Account;
  readonly metrics: MetricStore;
  readonly reasons: Result['failureReasons'];
}

const CODES = { prepare: 'PREPARE_FAILED', cleanup: 'CLEANUP_FAILED' } as const;

/** A step that failed without `onFail: continue`, or iterations that were left. */
function whyNotDone(part: ResolvedFlow, recorded: Recorded): LoadgenError | undefined {
  const { account } = recorded;
  const code = CODES[part.name as SurroundingPhase];
  const lastStep = part.steps.at(-1)!.name;
  if (account.aborted + account.interruptedIterations > 0) {
    const { step, reason } = failedStep(part, recorded) ?? { step: lastStep, reason: 'no end' };
    return new LoadgenError(code, { step, reason });
  }
  const { iterations } = modelOf(part.load);
  const unsent = Object.values(account.unsent).reduce((sum, count) => sum + count, 0);
  if (unsent === 0 && (iterations === undefined || account.completed >= iterations))
    return undefined;
  const all = iterations ?? account.due;
  const reason = `only ${account.completed} of ${all} iterations ended before its load did`;
  return new LoadgenError(code, { step: lastStep, reason });
}

/** The first step that did not end well, with its outcome and what its target was seen to say. */
function failedStep(
  { steps }: ResolvedFlow,
  { metrics, reasons }: Recorded,
): { step: string; reason: string } | undefined {
  for (const { name, target } of steps.filter(({ onFail }) => onFail === 'endIteration')) {
    const found = [...FAILED_OUTCOMES, 'interrupted'].find(
      (outcome) => metrics.counter('operations', { step: name, outcome }) > 0,
    );
    if (found === undefined) continue;
    const why = reasons.find((each) => each.target === target)?.reason;
    return { step: name, reason: why === undefined ? found : `${found} (${why})` };
  }
  return undefined;
}

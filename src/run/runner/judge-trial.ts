import { availableParallelism } from 'node:os';
import { modelOf } from '../../load/executors/registry.ts';
import { MEASURE } from '../../measure/metrics/outcome.ts';
import { judgeValidity, type BrokenRule } from '../../measure/validity/judge-validity.ts';
import { countAbove } from '../../measure/validity/second-evidence.ts';
import { reasonText } from '../../measure/validity/verdict.ts';
import type { Result } from '../../results/schema/result.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { TrialEnd } from './run-trial.ts';

/** What is judged where no threshold names a percentile. */
const DEFAULT_PERCENT = 99;
/** Codes of errors by which this machine, and not the target, refuses a connection. */
const REFUSED_HERE = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)\b/;

/** The verdict on a trial, as it is saved. */
export function judgeTrial(
  trial: ResolvedTrial,
  end: TrialEnd,
  { workers, rules }: { readonly workers: number; readonly rules: readonly BrokenRule[] },
): Result['verdict'] {
  const { due, attempted } = end.collector.account(MEASURE);
  const { state, reasons } = judgeValidity({
    isOpen: trial.flows.some(({ load }) => modelOf(load).kind === 'open'),
    hasWarmup: trial.flows.every(({ load }) => load.warmup !== undefined),
    seconds: end.seconds,
    measured: end.collector.total,
    percent: judgedPercent(trial),
    workers,
    cores: availableParallelism(),
    lostWorkers: end.lost,
    due,
    attempted,
    unsentByUs: unsentByUs(trial, end),
    refusedHere: refusedHere(end),
    connectionsAsked: connectionsAsked(trial),
    brokenRules: rules,
  });
  return { state, reasons: reasons.map(reasonText), findings: [...reasons] };
}

/** The highest that a threshold asks for: the deepest look into the tail. */
function judgedPercent({ thresholds }: ResolvedTrial): number {
  const asked = thresholds.flatMap(({ aggregate }) =>
    aggregate?.kind === 'percentile' ? aggregate.percent : [],
  );
  return asked.length === 0 ? DEFAULT_PERCENT : Math.max(...asked);
}

/** Arrivals that were dropped as late and that the pacer had taken up too late already. */
function unsentByUs(trial: ResolvedTrial, { collector }: TrialEnd): number {
  return trial.flows.reduce((sum, { name, load }) => {
    const model = modelOf(load);
    if (model.kind !== 'open' || !Number.isFinite(model.maxLatenessNs)) return sum;
    const late = collector.total.counter('unsent', { flow: name, reason: 'late' });
    const lag = collector.total.histogram('pacer_lag', { flow: name });
    return sum + Math.min(late, countAbove(lag, model.maxLatenessNs));
  }, 0);
}

function refusedHere({ reports }: TrialEnd): number {
  return reports
    .flatMap(({ failureReasons }) => failureReasons)
    .filter(({ reason }) => REFUSED_HERE.test(reason))
    .reduce((sum, { count }) => sum + count, 0);
}

/** Known only where every VU keeps one connection for as long as the load lasts. */
function connectionsAsked({ flows, targets }: ResolvedTrial): number | undefined {
  const all = Object.values(targets);
  if (all.length !== 1 || all[0]!.connection === 'perRequest') return undefined;
  let asked = 0;
  for (const { load } of flows) {
    const model = modelOf(load);
    if (model.kind === 'open' || model.iterations !== undefined) return undefined;
    asked += model.vus;
  }
  return Math.min(asked, all[0]!.connections ?? Number.POSITIVE_INFINITY);
}

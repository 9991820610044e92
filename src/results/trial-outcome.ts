import type { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { Account } from '../measure/metrics/interval.ts';
import type { MetricStore } from '../measure/metrics/metric-store.ts';
import type { SurroundingPhase } from '../measure/metrics/outcome.ts';
import type { Statistics } from '../measure/statistics/assess-seconds.ts';
import type { ThresholdResult } from '../measure/thresholds/evaluate-thresholds.ts';
import type { MeasuredStage } from '../measure/thresholds/stage-sums.ts';
import type { OutputAccount } from '../outputs/delivery-count.ts';
import type { ServerLooks } from '../measure/monitors/server-monitor.ts';
import type { AnswerDigest, WorstAnswers } from '../measure/quality/score-tally.ts';
import type { GeneratorUse } from '../measure/monitors/sum-samples.ts';
import type { ServerUse } from './interchange/server-use.ts';
import type { ResultPreparation } from './schema/preparation.ts';
import type { Result } from './schema/result.ts';
import type { ResultStorage } from './schema/storage.ts';

/** What came of steps that ran outside of the load; times in clock ns. */
export interface PreparationOutcome {
  readonly phase: SurroundingPhase;
  readonly trial: number;
  readonly steps: readonly string[];
  readonly startNs: number;
  readonly endNs: number;
  readonly metrics: MetricStore;
  readonly account: Account;
  readonly failureReasons: Result['failureReasons'];
  /** What servers said that they keep of what was made there. */
  readonly settingsKept: NonNullable<ResultPreparation['settingsKept']>;
  readonly failure: LoadgenError | undefined;
}

/** What a runner knows at the end of a trial; with `TrialFacts` it makes up the result. */
export interface TrialOutcome {
  readonly state: Result['state'];
  readonly exitCode: number;
  /** In clock ns; T0 and T1 for the measured phase. A phase that never began is left out. */
  readonly phases: readonly {
    readonly phase: 'warmup' | 'measure' | 'drain';
    readonly startNs: number;
    readonly endNs: number;
  }[];
  /** All that was recorded, of both phases. */
  readonly metrics: MetricStore;
  readonly accounts: { readonly warmup?: Account; readonly measure: Account };
  readonly thresholds: readonly ThresholdResult[];
  /** What was done before the load and behind it. */
  readonly preparations?: readonly PreparationOutcome[];
  /** What ended in the whole seconds of each named stage. */
  readonly stages?: readonly MeasuredStage[];
  readonly failureReasons: Result['failureReasons'];
  /** The threshold with `abortOnFail` that ended the load. */
  readonly aborted?: Result['aborted'];
  readonly statistics?: Statistics;
  /** How live outputs fared, where there are any. */
  readonly outputs?: readonly OutputAccount[];
  readonly verdict?: Result['verdict'];
  readonly generator?: GeneratorUse;
  /** How much of what this machine can send was used, where that is known. */
  readonly ceiling?: Result['ceiling'];
  /** Remarks for the reader of the summary. */
  readonly notes?: readonly string[];
  /** Of an iteration count: the share of the time below full concurrency. */
  readonly tailShare?: number;
  /** Of answers that were scored: the worst. */
  readonly worstAnswers?: readonly WorstAnswers[];
  /** How their queries were answered. */
  readonly answerDigests?: readonly AnswerDigest[];
  /** How looking at the servers fared, where targets ask for it. */
  readonly serverLooks?: readonly ServerLooks[];
  /** What rows took of the servers that hold them. */
  readonly storage?: readonly ResultStorage[];
  /** What was seen of the servers, by target. */
  readonly serverUse?: Readonly<Record<string, ServerUse>>;
}

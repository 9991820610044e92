import type { MetricSource } from '../metrics/metric-source.ts';
import { othersShareOf, sumSamples } from '../monitors/sum-samples.ts';
import { durationText, percentText } from './figures.ts';
import { judgeMachine } from './judge-machine.ts';
import { judgeSends } from './judge-sends.ts';
import { BUSY_SHARE, OTHERS_SHARE, RECEIVE_ERROR_SHARE } from './limits.ts';
import { samplesOf, type SecondEvidence } from './second-evidence.ts';
import { workerShares } from './worker-shares.ts';
import type { Verdict, VerdictReason } from './verdict.ts';

/** All that a verdict rests on. */
export interface VerdictInputs {
  /** Whether any flow follows a plan; closed loads are not judged by when they send. */
  readonly isOpen: boolean;
  readonly hasWarmup: boolean;
  /** Of the measured phase. */
  readonly seconds: readonly SecondEvidence[];
  readonly measured: MetricSource;
  /** The percentile that is judged: of the thresholds, or 99. */
  readonly percent: number;
  readonly workers: number;
  /** Of the machine. */
  readonly cores: number;
  /** Threads that ended before the run did. */
  readonly lostWorkers: readonly number[];
  readonly due: number;
  readonly attempted: number;
  /** Unsent iterations that a pacer took up later than the scenario allows. */
  readonly unsentByUs: number;
  /** Connections that failed for want of something on this machine. */
  readonly refusedHere: number;
  /** Of a closed load that keeps its connections for its whole length. */
  readonly connectionsAsked: number | undefined;
  /** Thresholds of the scenario's own `verdict` that did not hold. */
  readonly brokenRules: readonly BrokenRule[];
}

export interface BrokenRule {
  readonly text: string;
  readonly observed: string;
  readonly invalid: boolean;
}

/** How far the generator kept its promises, with what speaks against it: the worst first. */
export function judgeValidity(inputs: VerdictInputs): Verdict {
  const reasons = [
    ...lost(inputs),
    ...(inputs.isOpen ? judgeSends(inputs) : []),
    ...receiveError(inputs),
    ...judgeMachine(inputs),
    ...broken(inputs),
  ];
  const invalid = reasons.filter(({ state }) => state === 'INVALID');
  const suspect = reasons.filter(({ state }) => state === 'SUSPECT');
  if (invalid.length > 0) return { state: 'INVALID', reasons: [...invalid, ...suspect] };
  if (suspect.length > 0) return { state: 'SUSPECT', reasons: suspect };
  return { state: isJudged(inputs) ? 'VALID' : 'NOT_JUDGED', reasons: [] };
}

/** Whether what the verdict must know was recorded at all. */
function isJudged({ isOpen, seconds, measured }: VerdictInputs): boolean {
  if (!seconds.some(({ sends }) => sends > 0)) return false;
  if (isOpen) return measured.histogram('pacer_lag').count > 0;
  const wereSampled = seconds.some(({ monitors }) => (monitors?.workers.length ?? 0) > 0);
  return wereSampled && measured.histogram('receive_error').count > 0;
}

function lost({ lostWorkers }: VerdictInputs): VerdictReason[] {
  return lostWorkers.map((worker) => ({
    state: 'INVALID',
    what: 'a worker was lost',
    figure: `worker ${worker} ended before the run did`,
    remedy: 'repeat the run; look into loadgen.log for why it ended',
  }));
}

function receiveError({ measured, percent, seconds }: VerdictInputs): VerdictReason[] {
  const error = measured.histogram('receive_error');
  const service = measured.histogram('service_time', { outcome: 'ok' });
  if (error.count === 0 || service.count === 0) return [];
  const errorNs = error.percentile(percent);
  const serviceNs = service.percentile(percent);
  if (errorNs <= serviceNs * RECEIVE_ERROR_SHARE) return [];
  return [
    {
      state: 'SUSPECT',
      what: 'answers may have waited in loadgen before it read them',
      figure:
        `receive_error p${percent} is ${durationText(errorNs)}, ` +
        `${percentText(errorNs / serviceNs)} of the service time’s ${durationText(serviceNs)} ` +
        `(limit ${percentText(RECEIVE_ERROR_SHARE)})`,
      remedy: errorRemedy(seconds),
    },
  ];
}

/** A worker with time to spare reads late because others have its core, and not for want of workers. */
function errorRemedy(seconds: readonly SecondEvidence[]): string {
  const samples = samplesOf(seconds);
  const hasTime = workerShares(samples).every(({ busy }) => busy < BUSY_SHARE / 2);
  const others = othersShareOf(sumSamples(samples)) ?? 0;
  const bar = 'take it as the error bar of the latencies';
  return hasTime && others > OTHERS_SHARE
    ? `${bar}; other programs had ${percentText(others)} of the CPU, servers here among them`
    : `${bar}; more workers make it smaller`;
}

function broken({ brokenRules }: VerdictInputs): VerdictReason[] {
  return brokenRules.map(({ text, observed, invalid }) => ({
    state: invalid ? 'INVALID' : 'SUSPECT',
    what: 'a rule of the scenario’s own verdict did not hold',
    figure: `${text} (${observed})`,
    remedy: 'see `verdict` in the scenario',
  }));
}

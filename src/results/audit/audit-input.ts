import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { RawSample } from '../read/read-samples.ts';
import type { Audit } from '../schema/audit.ts';
import type { IntervalRow } from '../schema/interval-row.ts';
import type { Result } from '../schema/result.ts';
import type { MatchedRequest, RequestMatch } from './match-requests.ts';
import type { LoggedRequest } from './server-log.ts';

/** What is known of a run that was aimed at a reference server, from both sides. */
export interface AuditInput {
  /** As it was run. */
  readonly trial: ResolvedTrial;
  readonly result: Result;
  /** What `result` has measured. */
  readonly measured: MetricSource;
  readonly rows: readonly IntervalRow[];
  readonly samples: readonly RawSample[];
  /** The server's, with its moments on the clock of the run. */
  readonly log: readonly LoggedRequest[];
  /** Requests that the server's log had no room for. */
  readonly unlogged: number;
  readonly about: AuditAbout;
  readonly limits: AuditLimits;
}

export type AuditAbout = Pick<
  Audit,
  'auditedAt' | 'scenario' | 'load' | 'machine' | 'trialFolder' | 'server' | 'changes'
>;

/** What timing may differ by at most; counts may not differ at all. */
export interface AuditLimits {
  /** Of arrivals behind the plan, without waiting for a place or a connection; p99. */
  readonly lagNs: number;
  /** Of answers, from the server's departure stamp to loadgen's; p99. */
  readonly receiveNs: number;
}

/** The figures of both sides, brought together once. */
export interface AuditedRun extends AuditInput {
  readonly match: RequestMatch;
  /** Of the measured phase. */
  readonly measuredPairs: readonly MatchedRequest[];
  /** T0 in clock ns. */
  readonly startNs: number;
}

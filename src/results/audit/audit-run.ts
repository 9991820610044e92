import { MEASURE } from '../../measure/metrics/outcome.ts';
import { AUDIT_SCHEMA, type Audit } from '../schema/audit.ts';
import { auditChecks } from './audit-checks.ts';
import { auditOutcomes, auditSeconds } from './audit-counts.ts';
import type { AuditedRun, AuditInput } from './audit-input.ts';
import { auditPlan } from './audit-plan.ts';
import { auditResponseTime, auditServiceTime } from './audit-times.ts';
import { matchRequests } from './match-requests.ts';
import { plannedStarts } from './planned-starts.ts';

/** Holds what a run recorded against the log of the server that it loaded. */
export function auditRun(input: AuditInput): Audit {
  const match = matchRequests(input.samples, input.log);
  const run: AuditedRun = {
    ...input,
    match,
    measuredPairs: match.pairs.filter(({ sample }) => sample.phase === MEASURE),
    startNs: input.result.phases.find(({ phase }) => phase === 'measure')?.startNs ?? 0,
  };
  const starts = plannedStarts(input.trial);
  const { sent, notSent, missing, duplicated, unknown, pairs } = match;
  const figures = {
    plan: starts === undefined ? null : auditPlan(run, starts),
    requests: {
      sent,
      notSent,
      logged: input.log.length,
      matched: pairs.length,
      missing,
      duplicated,
      unknown,
      unlogged: input.unlogged,
    },
    comparisons: [
      ...(starts === undefined ? [] : [auditResponseTime(run, starts)]),
      auditServiceTime(run),
    ],
    outcomes: auditOutcomes(run),
    seconds: auditSeconds(run),
  };
  const checks = auditChecks(run, figures);
  return {
    schema: AUDIT_SCHEMA,
    runId: input.result.runId,
    versions: input.result.versions,
    ...input.about,
    ...figures,
    checks,
    holds: checks.every(({ holds }) => holds),
  };
}

import { MEASURE } from '../../measure/metrics/outcome.ts';
import type { RawSample } from '../read/read-samples.ts';
import type { Audit } from '../schema/audit.ts';
import type { AuditedRun } from './audit-input.ts';
import { distributionOf } from './distributions.ts';
import type { MatchedRequest } from './match-requests.ts';

type PlannedStarts = ReadonlyMap<number, Float64Array>;

/** The plan of an open load beside the arrivals that the server logged. */
export function auditPlan(run: AuditedRun, starts: PlannedStarts): NonNullable<Audit['plan']> {
  const { due, started, unsent } = run.result.accounts.measure;
  const pairs = run.measuredPairs.filter(({ sample }) => plannedNs(sample, run, starts) !== undefined);
  const lag = ({ sample, logged }: MatchedRequest): number =>
    logged.arrivalNs - plannedNs(sample, run, starts)!;
  return {
    planned: [...starts.values()].reduce((sum, { length }) => sum + length, 0),
    due,
    started,
    unsent,
    distanceNs: planDistanceNs(run, starts),
    arrivalLag: distributionOf(Float64Array.from(pairs, lag)),
    ownLag: distributionOf(
      Float64Array.from(pairs, (pair) => lag(pair) - (pair.sample.granted - pair.sample.picked)),
    ),
  };
}

/** When the plan wants an operation to start, in clock ns; undefined for later steps. */
export function plannedNs(
  { lane, iteration }: RawSample,
  { startNs }: Pick<AuditedRun, 'startNs'>,
  starts: PlannedStarts,
): number | undefined {
  const offsetNs = starts.get(lane)?.[iteration];
  return offsetNs === undefined ? undefined : startNs + offsetNs;
}

/** Infinity where an operation has a number that the plan does not have. */
function planDistanceNs(run: AuditedRun, starts: PlannedStarts): number {
  return run.samples.reduce((most, sample) => {
    if (sample.phase !== MEASURE || !starts.has(sample.lane)) return most;
    const planned = plannedNs(sample, run, starts) ?? -Infinity;
    return Math.max(most, Math.abs(sample.intended - planned));
  }, 0);
}

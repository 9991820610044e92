import { FAILED_OUTCOMES, MEASURE, OUTCOMES, type Outcome } from '../../measure/metrics/outcome.ts';
import type { RawSample } from '../read/read-samples.ts';
import type { AuditComparison } from '../schema/audit.ts';
import type { AuditedRun } from './audit-input.ts';
import { plannedNs } from './audit-plan.ts';
import { compareTimes, distributionOf, exactPercentile } from './distributions.ts';
import type { MatchedRequest } from './match-requests.ts';

/** Outcomes of operations that had a whole answer. */
const ANSWERED: ReadonlySet<Outcome> = new Set(['ok', 'check_failed', 'status_error', 'rejected']);

export function isAnswered({ outcome }: RawSample): boolean {
  return ANSWERED.has(OUTCOMES[outcome]!);
}

/** Service times beside the residence times of the same requests in the server. */
export function auditServiceTime(run: AuditedRun): AuditComparison {
  const pairs = answeredPairs(run);
  return {
    metric: 'service_time',
    ...compareTimes(
      Float64Array.from(pairs, ({ sample: { done, sent } }) => done - sent),
      Float64Array.from(pairs, ({ logged: { departureNs, arrivalNs } }) => departureNs - arrivalNs),
    ),
    ways: {
      there: distributionOf(
        Float64Array.from(pairs, ({ sample, logged }) => logged.arrivalNs - sample.sent),
      ),
      back: distributionOf(
        Float64Array.from(pairs, ({ sample, logged }) => sample.done - logged.departureNs),
      ),
    },
    printed: printed(run, 'service_time', ({ done, sent }) => done - sent),
  };
}

/** Response times beside what the plan and the server's stamps say that users waited. */
export function auditResponseTime(
  run: AuditedRun,
  starts: ReadonlyMap<number, Float64Array>,
): AuditComparison {
  const planned = ({ sample }: MatchedRequest) => plannedNs(sample, run, starts);
  const pairs = answeredPairs(run).filter((pair) => planned(pair) !== undefined);
  return {
    metric: 'response_time',
    ...compareTimes(
      Float64Array.from(pairs, ({ sample: { done, intended } }) => done - intended),
      Float64Array.from(pairs, (pair) => pair.logged.departureNs - planned(pair)!),
    ),
    ways: null,
    printed: printed(run, 'response_time', ({ done, intended }) => done - intended),
  };
}

function answeredPairs({ measuredPairs }: AuditedRun): MatchedRequest[] {
  return measuredPairs.filter(
    ({ sample, logged }) => isAnswered(sample) && !Number.isNaN(logged.departureNs),
  );
}

const PRINTED_PERCENTS = [50, 90, 99];
const RECORDED: ReadonlySet<Outcome> = new Set(['ok', ...FAILED_OUTCOMES]);

/** Percentiles of the histograms that the summary is made of, and of every raw stamp. */
function printed(
  { samples, measured }: AuditedRun,
  metric: string,
  valueOf: (sample: RawSample) => number,
): AuditComparison['printed'] {
  const recorded = samples.filter(
    ({ phase, outcome }) => phase === MEASURE && RECORDED.has(OUTCOMES[outcome]!),
  );
  const exact = Float64Array.from(recorded, valueOf)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const histogram = measured.histogram(metric);
  if (exact.length === 0) return [];
  return PRINTED_PERCENTS.map((percent) => ({
    percent,
    histogramNs: histogram.percentile(percent),
    exactNs: exactPercentile(exact, percent),
  }));
}

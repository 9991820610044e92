import { checkAccount } from '../../measure/metrics/account.ts';
import type { Audit, AuditCheck, AuditComparison } from '../schema/audit.ts';
import type { AuditedRun } from './audit-input.ts';

type Figures = Pick<Audit, 'plan' | 'requests' | 'comparisons' | 'outcomes' | 'seconds'>;

/** What must hold, with its limit: first records, which no busy machine excuses, then timing. */
export function auditChecks(run: AuditedRun, figures: Figures): AuditCheck[] {
  const { plan, comparisons } = figures;
  const answered = comparisons.filter(({ loadgen }) => loadgen.count > 0);
  const ofMetric = (metric: AuditComparison['metric']): AuditComparison[] =>
    answered.filter((each) => each.metric === metric);
  return [
    arrivedOnce(figures),
    ...(plan === null ? [] : [followsPlan(run, plan)]),
    balances(run, figures),
    outcomesAgree(figures),
    secondsAgree(figures),
    ...answered.map(neverShorter),
    ...comparisons.map(recounted),
    ...(answered.length === 0 ? [NOTHING_ANSWERED] : []),
    ...ofMetric('service_time').map(received(run)),
    ...ofMetric('response_time').map(responds(run)),
    ...(plan === null ? [] : [punctual(run, plan)]),
  ];
}

/** Without answers there are no times of both sides, and so nothing that could hold. */
const NOTHING_ANSWERED: AuditCheck = {
  name: 'answers came, so that times can be compared',
  kind: 'timing',
  limit: 'at least 1 in the measured phase',
  observed: '0',
  holds: false,
};

function arrivedOnce({ requests }: Figures): AuditCheck {
  const { sent, missing, duplicated, unknown, unlogged } = requests;
  return {
    name: 'every request sent arrived once',
    kind: 'record',
    limit: 'missing 0, duplicated 0, never sent 0',
    observed:
      `${sent} sent: missing ${missing}, duplicated ${duplicated}, never sent ${unknown}` +
      (unlogged > 0 ? `, ${unlogged} beyond what the server could log` : ''),
    holds: sent > 0 && missing + duplicated + unknown + unlogged === 0,
  };
}

/** Half a nanosecond is what rounding T0 to whole ones costs. */
const PLAN_ROUNDING_NS = 1;

function followsPlan({ result }: AuditedRun, plan: NonNullable<Audit['plan']>): AuditCheck {
  const { planned, due, started, unsent, distanceNs } = plan;
  const unsentCount = Object.values(unsent).reduce((sum, count) => sum + count, 0);
  const isWhole = result.state !== 'complete' || planned === due;
  return {
    name: 'the plan was followed',
    kind: 'record',
    limit: `all due, each started or unsent for a reason, none off by more than ${PLAN_ROUNDING_NS} ns`,
    observed: `${planned} planned, ${due} due, ${started} started, ${unsentCount} unsent, off by ${distanceNs.toFixed(1)} ns at most`,
    holds: isWhole && due === started + unsentCount && distanceNs <= PLAN_ROUNDING_NS,
  };
}

function balances({ result, samples }: AuditedRun, { requests }: Figures): AuditCheck {
  const { measure, warmup } = result.accounts;
  const accounts = [measure, ...(warmup === null ? [] : [warmup])];
  const broken = accounts.map((account) => checkAccount(account, true)).find((text) => text);
  const attempted = accounts.reduce((sum, account) => sum + account.attempted, 0);
  const dropped = result.samples?.dropped ?? 0;
  return {
    name: 'the account balances',
    kind: 'record',
    limit: 'all identities hold; attempted = raw records = sent + ended before they were',
    observed: broken ?? `${attempted} attempted, ${samples.length} records, ${requests.sent} + ${requests.notSent}`,
    holds:
      broken === undefined &&
      dropped === 0 &&
      attempted === samples.length &&
      attempted === requests.sent + requests.notSent,
  };
}

function outcomesAgree({ outcomes }: Figures): AuditCheck {
  const wrong = outcomes.filter(({ agrees }) => !agrees);
  const count = wrong.reduce((sum, each) => sum + each.count, 0);
  const failed = outcomes
    .filter(({ status }) => status === 0 || status >= 400)
    .reduce((sum, each) => sum + each.count, 0);
  const examples = wrong.map(({ status, outcome }) => `${status} seen as ${outcome}`).slice(0, 3);
  return {
    name: 'outcomes are what the server did',
    kind: 'record',
    limit: 'contradictions 0',
    observed: `${failed} failed by the server's log; contradictions ${[count, ...examples].join(', ')}`,
    holds: count === 0,
  };
}

/** An answer that is counted before the server sent it would be one that nobody gave. */
function secondsAgree({ seconds }: Figures): AuditCheck {
  let [answered, departed, arrived, ahead] = [0, 0, 0, 0];
  let most = 0;
  for (const row of seconds) {
    answered += row.answered;
    departed += row.departed;
    arrived += row.arrived;
    if (answered > departed) ahead++;
    most = Math.max(most, Math.abs(row.answered - row.departed));
  }
  return {
    name: 'the seconds agree with the log',
    kind: 'record',
    limit: 'as many answers as departures in all, and at no second’s end more',
    observed: `${answered} answers, ${departed} departures of ${arrived} arrivals; a second differs by ${most} at most`,
    holds: ahead === 0 && answered === departed,
  };
}

function neverShorter({ metric, difference }: AuditComparison): AuditCheck {
  const than = { service_time: 'the residence in the server', response_time: 'plan to departure' };
  return {
    name: `${metric} is never shorter than ${than[metric]}`,
    kind: 'record',
    limit: 'at least 0',
    observed: `${milliseconds(difference.minNs)} at least`,
    holds: difference.minNs >= 0,
  };
}

/** HDR cells of three digits, and their width in ns where values are small. */
const RESOLUTION = 1e-3;
const LEAST_WIDTH_NS = 512;

function recounted({ metric, printed }: AuditComparison): AuditCheck {
  const off = printed.map(({ histogramNs, exactNs }) =>
    Math.max(0, Math.abs(histogramNs - exactNs) - LEAST_WIDTH_NS) / exactNs,
  );
  const shown = printed.map(({ percent, histogramNs }) => `p${percent} ${milliseconds(histogramNs)}`);
  return {
    name: `${metric} as printed is that of the raw log`,
    kind: 'record',
    limit: 'p50, p90, p99 within 0.1% of a recount',
    observed: `${shown.join(', ')}: off by ${percentText(Math.max(0, ...off))} at most`,
    holds: off.every((share) => share <= RESOLUTION),
  };
}

function received({ limits }: AuditedRun) {
  return ({ ways }: AuditComparison): AuditCheck => {
    const { p50Ns, p99Ns } = ways!.back;
    return {
      name: 'answers are stamped soon after they left the server',
      kind: 'timing',
      limit: `p99 at most ${milliseconds(limits.receiveNs)}`,
      observed: `p50 ${milliseconds(p50Ns)}, p99 ${milliseconds(p99Ns)}`,
      holds: p99Ns <= limits.receiveNs,
    };
  };
}

/** Of each percentile; and where times are short, as much as may be added to them. */
const RESPONSE_SHARE = 0.03;

function responds({ limits }: AuditedRun) {
  return ({ loadgen, server }: AuditComparison): AuditCheck => {
    const percentiles = (['p50Ns', 'p90Ns', 'p99Ns'] as const).map((key) => ({
      offNs: Math.abs(loadgen[key] - server[key]),
      allowedNs: Math.max(RESPONSE_SHARE * server[key], limits.receiveNs),
    }));
    const off = percentiles.map(({ offNs }) => milliseconds(offNs)).join(', ');
    return {
      name: 'response_time is what users waited, by plan and server',
      kind: 'timing',
    limit: `p50, p90, p99 within 3% or ${milliseconds(limits.receiveNs)}`,
      observed: `off by ${off}`,
      holds: percentiles.every(({ offNs, allowedNs }) => offNs <= allowedNs),
    };
  };
}

function punctual({ limits }: AuditedRun, { ownLag }: NonNullable<Audit['plan']>): AuditCheck {
  return {
    name: 'requests arrived when they were planned',
    kind: 'timing',
    limit: `p99 at most ${milliseconds(limits.lagNs)} late, without waiting for a place in flight`,
    observed: `p50 ${milliseconds(ownLag.p50Ns)}, p99 ${milliseconds(ownLag.p99Ns)}`,
    holds: ownLag.p99Ns <= limits.lagNs,
  };
}

function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}

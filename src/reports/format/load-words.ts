import type { ResultFlow } from '../../results/schema/result.ts';
import { formatCount, formatCountOf, formatDuration, formatRate } from './quantities.ts';

type ClosedFlow = Extract<ResultFlow, { model: 'closed' }>;

/** A flow's load in words: what was asked of the target, and by which model. */
export function loadWords(flow: ResultFlow): string {
  const parts = flow.model === 'open' ? openWords(flow) : [closedWords(flow)];
  if (flow.iterations !== null) parts.push(formatCountOf(flow.iterations, 'iteration'));
  if (flow.durationNs !== null) {
    // An iteration count ends the load by itself; a duration beside it only bounds it.
    const most = flow.iterations === null || flow.model === 'open' ? 'for' : 'for at most';
    parts.push(`${most} ${asked(formatDuration(flow.durationNs))}`);
  }
  if (flow.minima !== undefined) parts.push(minimaWords(flow.minima));
  return `${flow.model} model · ${flow.executor}: ${parts.join(', ')}`;
}

function minimaWords({ durationNs, iterations }: NonNullable<ResultFlow['minima']>): string {
  const time = asked(formatDuration(durationNs));
  return `for at least ${time} and ${formatCountOf(iterations, 'iteration')}`;
}

function closedWords({ vus, isConstantVus = true }: ClosedFlow): string {
  return `${isConstantVus ? '' : 'up to '}${formatCountOf(vus, 'VU')}`;
}

function openWords(flow: Extract<ResultFlow, { model: 'open' }>): string[] {
  const rate = asked(formatRate(flow.peakRatePerSecond));
  const lateness =
    flow.maxLatenessNs === null
      ? ''
      : `, unsent after ${asked(formatDuration(flow.maxLatenessNs))}`;
  const late = { queue: `queue when late${lateness}`, drop: 'drop when late' };
  return [
    flow.isConstantRate ? rate : `up to ${rate}`,
    `${flow.arrival} arrivals`,
    `at most ${formatCount(flow.maxInFlight)} in flight`,
    late[flow.whenLate],
  ];
}

/** How many iterations of the flow may run at once. */
export function mostInFlight(flow: ResultFlow): number {
  return flow.model === 'open' ? flow.maxInFlight : flow.vus;
}

/** What was asked for is exact: `4 s`, `2m`, `500/s`, where a measured one is `4.00 s`. */
function asked(quantity: string): string {
  return quantity.replace(/\.0+(?!\d)/, '').replace(/ 00[sm]$/, '');
}

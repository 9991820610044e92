import type { AuditComparison, AuditDistribution } from '../schema/audit.ts';

/** Exact percentile of sorted values: the one at rank ceil(percent / 100 × count). */
export function exactPercentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

/** Of values in any order. */
export function distributionOf(values: Float64Array): AuditDistribution {
  return ofSorted(values.toSorted());
}

function ofSorted(sorted: Float64Array): AuditDistribution {
  if (sorted.length === 0) return { count: 0, minNs: 0, p50Ns: 0, p90Ns: 0, p99Ns: 0, maxNs: 0 };
  return {
    count: sorted.length,
    minNs: sorted[0]!,
    p50Ns: exactPercentile(sorted, 50),
    p90Ns: exactPercentile(sorted, 90),
    p99Ns: exactPercentile(sorted, 99),
    maxNs: sorted.at(-1)!,
  };
}

/** Percents of a curve: even up to the 90th, and then ever closer to all of them. */
const CURVE_PERCENTS: readonly number[] = [
  ...Array.from({ length: 46 }, (_, index) => index * 2),
  ...[1, 0.1, 0.01].flatMap((width) =>
    Array.from({ length: 9 }, (_, index) => 100 - width * (9 - index)),
  ),
  100,
];

type Compared = Pick<
  AuditComparison,
  'loadgen' | 'server' | 'difference' | 'distance' | 'curve'
>;

/** Two times of the same operations, in the same order. */
export function compareTimes(loadgenNs: Float64Array, serverNs: Float64Array): Compared {
  const differenceNs = loadgenNs.map((ns, index) => ns - serverNs[index]!);
  const own = loadgenNs.toSorted();
  const theirs = serverNs.toSorted();
  let distance = { ns: 0, atPercent: 0 };
  for (let rank = 0; rank < own.length; rank++) {
    const ns = Math.abs(own[rank]! - theirs[rank]!);
    if (ns > distance.ns) distance = { ns, atPercent: ((rank + 1) / own.length) * 100 };
  }
  return {
    loadgen: ofSorted(own),
    server: ofSorted(theirs),
    difference: distributionOf(differenceNs),
    distance,
    curve: own.length === 0 ? [] : CURVE_PERCENTS.filter((percent) => percent === 100 || percent <= 100 - 100 / own.length).map((percent): [number, number, number] => [
      percent,
      exactPercentile(own, percent),
      exactPercentile(theirs, percent),
    ]),
  };
}

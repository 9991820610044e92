import type { AuditComparison } from '../../results/schema/audit.ts';
import { formatDuration } from '../format/quantities.ts';

const WIDTH = 860;
const HEIGHT = 340;
const PLACE = { left: 78, right: 16, top: 14, bottom: 44 } as const;
/** Percents that the axis names. */
const NAMED_PERCENTS = [0, 50, 90, 99, 99.9];
/** Where the axis ends; the maximum is drawn there. */
const TOP_PERCENT = 99.99;
/** A curve over this factor is drawn on a logarithmic axis. */
const LINEAR_UP_TO = 20;

/**
 * Two distributions on one axis, as SVG: percent along, the tail drawn out (each nine takes the
 * same room), time upwards.
 */
export function distributionPicture({ metric, curve }: AuditComparison): string {
  if (curve.length === 0) return '';
  const times = curve.flatMap(([, own, server]) => [own, server]);
  const axis = timeAxis(Math.max(1, Math.min(...times)), Math.max(2, ...times));
  const line = (valueAt: 1 | 2): string =>
    curve.map((point) => `${xOf(point[0])},${round(axis.yOf(point[valueAt]))}`).join(' ');
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${metric}, loadgen and server">`,
    ...axis.ticksNs.map((ns) => timeTick(ns, axis.yOf(ns))),
    ...[...NAMED_PERCENTS, TOP_PERCENT].map(percentTick),
    `<text class="axis" x="${WIDTH - PLACE.right}" y="${HEIGHT - 6}" text-anchor="end">percentile</text>`,
    `<polyline class="server" points="${line(2)}"/>`,
    `<polyline class="own" points="${line(1)}"/>`,
    '</svg>',
  ].join('\n');
}

function xOf(percent: number): number {
  const nines = -Math.log10(1 - Math.min(percent, TOP_PERCENT) / 100);
  const share = nines / -Math.log10(1 - TOP_PERCENT / 100);
  return round(PLACE.left + share * (WIDTH - PLACE.left - PLACE.right));
}

interface TimeAxis {
  readonly ticksNs: readonly number[];
  yOf(ns: number): number;
}

function timeAxis(leastNs: number, mostNs: number): TimeAxis {
  const isLinear = mostNs / leastNs <= LINEAR_UP_TO;
  const from = isLinear ? 0 : 10 ** Math.floor(Math.log10(leastNs));
  const scale = (ns: number): number => (isLinear ? ns : Math.log10(Math.max(ns, from)));
  const [low, high] = [scale(from), scale(mostNs * 1.05)];
  const height = HEIGHT - PLACE.top - PLACE.bottom;
  return {
    ticksNs: isLinear ? evenTicks(mostNs) : decades(from, mostNs),
    yOf: (ns) => round(PLACE.top + height * (1 - (scale(ns) - low) / (high - low))),
  };
}

function evenTicks(mostNs: number): number[] {
  const rough = mostNs / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(mostNs / step) + 1 }, (_, index) => index * step);
}

function decades(fromNs: number, mostNs: number): number[] {
  const ticks: number[] = [];
  for (let ns = fromNs; ns <= mostNs; ns *= 10) ticks.push(ns);
  return ticks;
}

function timeTick(ns: number, y: number): string {
  const text = ns === 0 ? '0' : formatDuration(ns).replace(/\.0+(?!\d)/, '');
  return (
    `<line class="grid" x1="${PLACE.left}" x2="${WIDTH - PLACE.right}" y1="${y}" y2="${y}"/>` +
    `<text class="axis" x="${PLACE.left - 8}" y="${y + 4}" text-anchor="end">${text}</text>`
  );
}

function percentTick(percent: number): string {
  const x = xOf(percent);
  const y = HEIGHT - PLACE.bottom;
  return (
    `<line class="grid" x1="${x}" x2="${x}" y1="${PLACE.top}" y2="${y}"/>` +
    `<text class="axis" x="${x}" y="${y + 18}" text-anchor="middle">${percentName(percent)}</text>`
  );
}

function percentName(percent: number): string {
  if (percent === TOP_PERCENT) return 'max';
  return percent === 0 ? 'min' : `p${percent}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

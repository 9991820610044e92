import type { AuditSecond } from '../../results/schema/audit.ts';
import { formatCount } from '../format/quantities.ts';

const WIDTH = 860;
const HEIGHT = 200;
const PLACE = { left: 78, right: 16, top: 10, bottom: 36 } as const;
/** More would be thinner than a line. */
const MOST_SECONDS = 600;

/** Per second: departures by the server's log as bars, answers that loadgen counted as dots. */
export function secondsPicture(seconds: readonly AuditSecond[]): string {
  const shown = seconds.slice(0, MOST_SECONDS);
  const most = Math.max(1, ...shown.flatMap(({ answered, departed }) => [answered, departed]));
  const height = HEIGHT - PLACE.top - PLACE.bottom;
  const step = (WIDTH - PLACE.left - PLACE.right) / Math.max(1, shown.length);
  const yOf = (count: number): number => round(PLACE.top + height * (1 - count / most));
  const bars = shown.map(({ answered, departed }, index) => {
    const x = PLACE.left + index * step;
    const [top, width] = [yOf(departed), round(Math.max(0.5, step * 0.8))];
    return (
      `<rect class="bar" x="${round(x + step * 0.1)}" y="${top}" width="${width}" height="${round(PLACE.top + height - top)}"/>` +
      `<circle class="dot" cx="${round(x + step / 2)}" cy="${yOf(answered)}" r="3"/>`
    );
  });
  const bottom = PLACE.top + height;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="answers per second">`,
    `<line class="grid" x1="${PLACE.left}" x2="${WIDTH - PLACE.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="axis" x="${PLACE.left - 8}" y="${PLACE.top + 8}" text-anchor="end">${formatCount(most)}</text>`,
    `<text class="axis" x="${PLACE.left - 8}" y="${bottom + 4}" text-anchor="end">0</text>`,
    ...bars,
    ...secondTicks(shown, step),
    `<text class="axis" x="${WIDTH - PLACE.right}" y="${HEIGHT - 4}" text-anchor="end">second of the measured phase</text>`,
    '</svg>',
  ].join('\n');
}

function secondTicks(seconds: readonly AuditSecond[], step: number): string[] {
  const every = Math.ceil(seconds.length / 12);
  return seconds.flatMap(({ second }, index) => {
    if (index % every !== 0) return [];
    const x = round(PLACE.left + (index + 0.5) * step);
    const y = HEIGHT - PLACE.bottom + 15;
    return `<text class="axis" x="${x}" y="${y}" text-anchor="middle">${second}</text>`;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * The last `width` values as blocks of eight heights, from 0 to the highest of them. What is not
 * known (not finite) shows as a dot.
 */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const highest = Math.max(0, ...shown.filter(Number.isFinite));
  return shown.map((value) => block(value, highest)).join('');
}

function block(value: number, highest: number): string {
  if (!Number.isFinite(value)) return '·';
  const level = highest === 0 ? 0 : Math.round((value / highest) * (LEVELS.length - 1));
  return LEVELS[level]!;
}

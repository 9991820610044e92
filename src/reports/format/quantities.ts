/** Quantities as people read them: three significant digits and the unit that fits. */

export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return 'n/a';
  const size = Math.abs(ns);
  if (size >= 119.95e9) return formatMinutes(ns);
  if (size >= 0.9995e9) return `${threeDigits(ns / 1e9)} s`;
  if (size >= 0.9995e6) return `${threeDigits(ns / 1e6)} ms`;
  if (size >= 0.9995e3) return `${threeDigits(ns / 1e3)} µs`;
  return `${Math.round(ns)} ns`;
}

/** `2m 05s`, `1h 02m`, from two minutes on, where three digits of seconds say less. */
function formatMinutes(ns: number): string {
  const seconds = Math.round(ns / 1e9);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoPlaces(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoPlaces(minutes % 60)}m`;
}

function twoPlaces(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1.23`, `12.3`, `123`, `1,234`. */
export function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return formatCount(Math.round(value));
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

/** Whole numbers with thousands apart: `24,012`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `count` of something: `1 operation`, `2 operations`. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `199.6/s`, `0.5/s`, `101,234/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 9_999.5) return `${formatCount(perSecond)}/s`;
  const text = perSecond >= 99.95 ? perSecond.toFixed(1) : threeDigits(perSecond);
  const [whole, fraction] = text.split('.');
  const digits = fraction === undefined ? '' : `.${fraction}`;
  return `${formatCount(Number(whole))}${digits}/s`;
}

/**
 * A share between 0 and 1 in percent: `0.17%`, `12.3%`, `100%`. What is not nothing never prints
 * as `0%`, and what is not all never as `100%`: the reader asks whether it happened at all.
 */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent}%`;
  if (percent < 0.01) return '<0.01%';
  if (percent > 99.99) return '>99.99%';
  if (percent >= 99.9) return `${percent.toFixed(2)}%`;
  return `${percent.toFixed(percent < 1 ? 2 : 1)}%`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return unit === 0 ? `${formatCount(size)} B` : `${threeDigits(size)} ${units[unit]!}`;
}

/** Of a recall and the like: digits that 0.9995 still shows. */
export function formatScore(value: number): string {
  return value.toFixed(4);
}

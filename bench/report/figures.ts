/** Figures as tables show them. */
import { median } from '../statistics.ts';

export function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

export function microseconds(ns: number): string {
  return `${(ns / 1e3).toFixed(1)} µs`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}

export function share(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}

/** "37,147". */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** "37,147 (35,002–39,871)". */
export function wholeSpread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${whole(median(values))} (${whole(low)}–${whole(high)})`;
}

import type { ObservedValue, ThresholdResult } from '../thresholds/evaluate-thresholds.ts';

/** `97%`, `0.4%`: two digits that count, and never 0% or 100% of what is not so. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent >= 99.95) return `${percent.toFixed(0)}%`;
  return percent >= 10 ? `${percent.toFixed(0)}%` : `${Number(percent.toPrecision(2))}%`;
}

/** `340 µs`, `1.2 ms`, `3.4 s` */
export function durationText(ns: number): string {
  const [unit, size] = ns >= 1e9 ? ['s', 1e9] : ns >= 1e6 ? ['ms', 1e6] : ['µs', 1e3];
  const amount = ns / Number(size);
  return `${Number(amount >= 100 ? amount.toFixed(0) : amount.toPrecision(2))} ${unit}`;
}

/** What a rule observed, with its unit: `1.2 ms`, `12/s`, or why there is nothing. */
export function observedText({ observed, reason }: ThresholdResult): string {
  if (observed === undefined) return reason ?? 'no data';
  const { value, unit, perSecond } = observed;
  return `${amountText(value, unit)}${perSecond ? '/s' : ''}`;
}

function amountText(value: number, unit: ObservedValue['unit']): string {
  switch (unit) {
    case 'ns':
      return durationText(value);
    case 'ratio':
      return percentText(value);
    case 'bytes':
      return `${Number(value.toPrecision(3))} bytes`;
    case 'count':
      return `${Number(value.toPrecision(3))}`;
  }
}

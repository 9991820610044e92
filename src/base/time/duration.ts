import { z } from 'zod';

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const NUMBER = String.raw`\d+(?:\.\d+)?`;
export const DURATION_PATTERN = `^(?:${NUMBER}(?:ns|us|µs|ms|s|m|h))+$`;
export const RATE_PATTERN = `^${NUMBER}/(?:s|min|h)$`;

/** "250ms", "10s", "1m30s" in ns; undefined when the text is no duration. */
export function parseDurationNs(text: string): number | undefined {
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let totalNs = 0;
  for (const [, amount, unit] of text.matchAll(new RegExp(`(${NUMBER})(ns|us|µs|ms|s|m|h)`, 'g'))) {
    totalNs += Number(amount) * UNITS_NS[unit!]!;
  }
  return Math.round(totalNs);
}

/** "200/s", "6000/min" in events per second; undefined when the text is no rate. */
export function parseRatePerSecond(text: string): number | undefined {
  if (!new RegExp(RATE_PATTERN).test(text)) return undefined;
  const [amount, unit] = text.split('/');
  const seconds = { s: 1, min: 60, h: 3600 }[unit!]!;
  return Number(amount) / seconds;
}

/** A duration as scenarios write it; parses to ns. */
export const durationSchema = z
  .string()
  .regex(new RegExp(DURATION_PATTERN), 'a duration with its unit, such as 250ms, 10s or 1m30s')
  .meta({ description: 'A duration with its unit: 250ms, 10s, 1m30s.' })
  .transform((text) => parseDurationNs(text)!);

/** A rate as scenarios write it; parses to events per second. */
export const rateSchema = z
  .string()
  .regex(new RegExp(RATE_PATTERN), 'a rate with its unit, such as 200/s or 6000/min')
  .meta({ description: 'A rate with its unit: 200/s, 6000/min.' })
  .transform((text) => parseRatePerSecond(text)!);

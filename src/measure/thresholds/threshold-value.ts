import { parseDurationNs } from '../../base/time/duration.ts';
import type { ThresholdExpression } from './threshold-spec.ts';

/** Bytes in each unit of size, by the SI and IEC prefixes. */
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const QUANTITY = new RegExp(`^(${NUMBER})(%|B|[KMG]i?B)?(?:/(s|min|h))?$`);

export type ThresholdValue = Pick<ThresholdExpression, 'value' | 'unit' | 'perSecond'>;

/** What stands right of the operator; undefined when it is no number with a known unit. */
export function parseThresholdValue(text: string): ThresholdValue | undefined {
  const durationNs = parseDurationNs(text);
  if (durationNs !== undefined) return { value: durationNs, unit: 'ns', perSecond: false };
  const [, digits, unit, per] = QUANTITY.exec(text) ?? [];
  if (digits === undefined || (unit === '%' && per !== undefined)) return undefined;
  const perSecond = per !== undefined;
  const amount = Number(digits) / (perSecond ? SECONDS[per]! : 1);
  if (unit === undefined) return { value: amount, unit: 'number', perSecond };
  // Divided and not multiplied by 0.01, which would make 0.1% a hair more than 0.001.
  if (unit === '%') return { value: amount / 100, unit: 'ratio', perSecond };
  return { value: amount * BYTES[unit]!, unit: 'bytes', perSecond };
}

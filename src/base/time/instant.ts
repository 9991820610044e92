import { parseDurationNs } from './duration.ts';

/** A time as a trace tells it: whole seconds and the rest in ns, so that no digit is lost. */
export interface Instant {
  /** Dates count from 1970, everything else from wherever the trace does. */
  readonly kind: 'date' | 'seconds';
  readonly seconds: number;
  readonly nanoseconds: number;
}

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A number of units of `unitSeconds`, a duration, or a date with its time; undefined for anything
 * else.
 */
export function parseInstant(value: unknown, unitSeconds = 1): Instant | undefined {
  if (typeof value === 'bigint') return numberOf(Number(value), unitSeconds);
  if (typeof value === 'number') return numberOf(value, unitSeconds);
  if (value instanceof Date) return dateOf(value.getTime() / 1000, 0);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const durationNs = parseDurationNs(text);
  if (durationNs !== undefined) return secondsOf(durationNs / 1e9);
  const date = DATE.exec(text);
  if (date !== null) return instantOf(date);
  return text === '' ? undefined : numberOf(Number(text), unitSeconds);
}

/** From `one` to `other`, in ns, exact for months. */
export function nanosecondsBetween(one: Instant, other: Instant): number {
  return (other.seconds - one.seconds) * 1e9 + (other.nanoseconds - one.nanoseconds);
}

function numberOf(value: number, unitSeconds: number): Instant | undefined {
  return Number.isFinite(value) ? secondsOf(value * unitSeconds) : undefined;
}

function secondsOf(value: number): Instant {
  const seconds = Math.floor(value);
  return { kind: 'seconds', seconds, nanoseconds: Math.round((value - seconds) * 1e9) };
}

function dateOf(seconds: number, nanoseconds: number): Instant {
  const whole = Math.floor(seconds);
  const rest = Math.round((seconds - whole) * 1e9) + nanoseconds;
  return { kind: 'date', seconds: whole, nanoseconds: rest };
}

/** Without a zone it is taken as UTC: only differences matter. */
function instantOf(match: RegExpExecArray): Instant | undefined {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [fraction = '', zone = 'Z'] = match.slice(7);
  const ms = Date.UTC(year!, month! - 1, day, hour, minute, second);
  if (Number.isNaN(ms)) return undefined;
  return dateOf(ms / 1000 - zoneSeconds(zone), Number(fraction.padEnd(9, '0')));
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours! * 3600 + minutes! * 60);
}

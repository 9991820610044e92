import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { Clock } from '../base/time/clock.ts';
import { parseDurationNs } from '../base/time/duration.ts';
import type { Share } from '../load/pacing/share.ts';

/** More processes than any machine room has; it bounds what a typing error can ask for. */
const MOST_SHARDS = 100_000;

/** `2/8`, counted from 1, as a share counted from 0. */
export function parseShard(value: string): Share {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(value) ?? []).map(Number);
  if (
    index === undefined ||
    count === undefined ||
    index < 1 ||
    index > count ||
    count > MOST_SHARDS
  ) {
    const expected = 'I/N, this shard and their number, counted from 1, such as 2/8';
    throw new LoadgenError('OPTION_INVALID', {
      option: '--shard',
      value,
      expected,
      command: 'run',
    });
  }
  return { index: index - 1, count };
}

/** Machines in different time zones must read the same instant. */
const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** An ISO time, or `+30s` from now, as milliseconds of the wall clock; throws START_PASSED. */
export function parseStart(value: string, clock: Clock): number {
  const nowMs = clock.wallMs();
  const startMs = value.startsWith('+') ? nowMs + durationMs(value) : isoMs(value);
  if (startMs < nowMs) {
    const late = ((nowMs - startMs) / 1_000).toFixed(1);
    throw new LoadgenError('START_PASSED', { time: value, late });
  }
  return startMs;
}

function durationMs(value: string): number {
  const durationNs = parseDurationNs(value.slice(1));
  return durationNs === undefined ? refuse(value) : Math.round(durationNs / 1e6);
}

function isoMs(value: string): number {
  const ms = ISO_WITH_ZONE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? refuse(value) : ms;
}

function refuse(value: string): never {
  const expected = 'an ISO time with its zone, such as 2026-11-22T10:00:00Z, or +30s from now';
  const option = '--start-at';
  throw new LoadgenError('OPTION_INVALID', { option, value, expected, command: 'run' });
}

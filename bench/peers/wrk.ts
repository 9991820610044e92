import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { numberIn, optionalNumberIn } from './printed.ts';

/** https://github.com/wg/wrk: C, an event loop a thread. It has no open loop. */
export const wrk: Peer = {
  name: 'wrk',
  install: 'apt-get install wrk',
  // Its Lua hook could, at a price that the plain tool does not pay.
  varies: false,
  find: () => findProgram('wrk'),
  version: (program) => versionOf(program, '-v'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    if (ratePerSecond !== undefined) return undefined;
    return [program, '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `${url}/?a`];
  },
  parse(output) {
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/;
    const unanswered = (errors.exec(output) ?? []).slice(1).reduce((sum, n) => sum + Number(n), 0);
    return {
      requests: numberIn(output, /(\d+) requests in/),
      perSecond: numberIn(output, /Requests\/sec:\s+([\d.]+)/),
      failed: unanswered + (optionalNumberIn(output, /Non-2xx or 3xx responses: (\d+)/) ?? 0),
      latencyMs: { p50: latency(output, 50), p90: latency(output, 90), p99: latency(output, 99) },
    };
  },
};

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function latency(output: string, percent: number): number {
  const pattern = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm');
  const [, value, unit] = pattern.exec(output) ?? [];
  if (unit === undefined) throw new Error(`no ${percent}% in what wrk printed:\n${output}`);
  return Number(value) * MS[unit]!;
}

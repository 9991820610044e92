import { fileURLToPath } from 'node:url';
import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { numberIn, optionalNumberIn } from './printed.ts';

/** https://github.com/wg/wrk: C, an event loop a thread. It has no open loop. */
export const wrk: Peer = {
  name: 'wrk',
  install: 'apt-get install wrk',
  varies: false,
  find: () => findProgram('wrk'),
  version: (program) => versionOf(program, '-v'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    if (ratePerSecond !== undefined) return undefined;
    return [program, '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `${url}/?a`];
  },
  parse(output) {
    return {
      ...countsOf(output),
      latencyMs: {
        p50: latency(output, /^\s+50%\s+(\S+)$/m),
        p90: latency(output, /^\s+90%\s+(\S+)$/m),
        p99: latency(output, /^\s+99%\s+(\S+)$/m),
        // Average, deviation and maximum.
        max: latency(output, /^\s+Latency\s+\S+\s+\S+\s+(\S+)/m),
      },
    };
  },
};

/** The same with its Lua hook, which makes each request: what wrk can send of what loadgen sends. */
export const wrkVaried: Peer = {
  ...wrk,
  name: 'wrk varied',
  varies: true,
  command(program, load) {
    const command = wrk.command(program, load);
    if (command === undefined) return undefined;
    return [...command.slice(0, -1), '-s', VARY, load.url];
  },
};

const VARY = fileURLToPath(new URL('wrk-vary.lua', import.meta.url));

/** The counts as wrk and wrk2 write them. */
export function countsOf(
  output: string,
): Pick<ReturnType<Peer['parse']>, 'requests' | 'perSecond' | 'failed'> {
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/;
  const unanswered = (errors.exec(output) ?? []).slice(1).reduce((sum, n) => sum + Number(n), 0);
  return {
    requests: numberIn(output, /(\d+) requests in/),
    perSecond: numberIn(output, /Requests\/sec:\s+([\d.]+)/),
    failed: unanswered + (optionalNumberIn(output, /Non-2xx or 3xx responses: (\d+)/) ?? 0),
  };
}

/** The time with its unit that the pattern catches, as wrk and wrk2 write it. */
export function latency(output: string, pattern: RegExp): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(pattern.exec(output)?.[1] ?? '') ?? [];
  if (unit === undefined) throw new Error(`no ${pattern} in what the tool printed:\n${output}`);
  return Number(value) * MS[unit]!;
}

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

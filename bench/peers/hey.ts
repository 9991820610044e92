import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { numberIn, optionalNumberIn } from './printed.ts';

/** https://github.com/rakyll/hey: Go, a goroutine a connection. It keeps a million latencies. */
export const hey: Peer = {
  name: 'hey',
  install: 'bash bench/install-peers.sh (go install github.com/rakyll/hey@latest)',
  varies: false,
  find: () => findProgram('hey'),
  // It cannot say its version; the Go tool can read it from the program.
  version: (program) => versionOf('sh', '-c', 'go version -m "$0" | grep -w mod', program),
  command(program, { url, seconds, connections, ratePerSecond }) {
    // Its limit is one of each connection, which waits for answers all the same: no open loop.
    if (ratePerSecond !== undefined) return undefined;
    return [program, '-z', `${seconds}s`, '-c', String(connections), `${url}/?a`];
  },
  parse(output) {
    const statuses = [...output.matchAll(/^\s+\[(\d{3})\]\s+(\d+) responses$/gm)];
    const errors = [...output.matchAll(/^\s+\[(\d+)\]\t(?!\d+ responses$)/gm)];
    const sum = (rows: readonly RegExpExecArray[], group: number): number =>
      rows.reduce((total, row) => total + Number(row[group]), 0);
    const rejected = statuses.filter(([, status]) => Number(status) >= 400);
    const requests = sum(statuses, 2);
    return {
      requests,
      // What it prints as requests a second also counts those that were never answered.
      perSecond: requests / numberIn(output, /Total:\s+([\d.]+) secs/),
      failed: sum(rejected, 2) + sum(errors, 1),
      latencyMs: {
        p50: latency(output, /50%+ in ([\d.]+) secs/),
        p90: latency(output, /90%+ in ([\d.]+) secs/),
        p99: latency(output, /99%+ in ([\d.]+) secs/),
        max: requests === 0 ? null : latency(output, /Slowest:\s+([\d.]+) secs/),
      },
    };
  },
};

/** Version 0.1.5 prints two percent signs, older ones one. */
function latency(output: string, pattern: RegExp): number | null {
  const seconds = optionalNumberIn(output, pattern);
  return seconds === null ? null : seconds * 1000;
}

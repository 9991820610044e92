import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { numberIn, optionalNumberIn } from './printed.ts';

/** ApacheBench: C, one thread, HTTP/1.0 with keep-alive. It prints whole milliseconds. */
export const ab: Peer = {
  name: 'ab',
  install: 'apt-get install apache2-utils',
  varies: false,
  find: () => findProgram('ab'),
  version: (program) => versionOf(program, '-V'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    if (ratePerSecond !== undefined) return undefined;
    // The time limit sets a count of 50,000 unless one is given after it. ab takes memory for
    // every request of the count beforehand: what nobody reaches is still paid for.
    const most = String(seconds * MOST_PER_SECOND);
    const flags = ['-q', '-k', '-c', String(connections), '-t', String(seconds), '-n', most];
    return [program, ...flags, `${url}/?a`];
  },
  parse(output) {
    return {
      requests: numberIn(output, /Complete requests:\s+(\d+)/),
      perSecond: numberIn(output, /Requests per second:\s+([\d.]+)/),
      failed:
        numberIn(output, /Failed requests:\s+(\d+)/) +
        (optionalNumberIn(output, /Non-2xx responses:\s+(\d+)/) ?? 0),
      latencyMs: {
        p50: numberIn(output, /^\s+50%\s+(\d+)$/m),
        p90: numberIn(output, /^\s+90%\s+(\d+)$/m),
        p99: numberIn(output, /^\s+99%\s+(\d+)$/m),
        max: numberIn(output, /^\s+100%\s+(\d+) \(longest request\)$/m),
      },
    };
  },
};

const MOST_PER_SECOND = 1_000_000;

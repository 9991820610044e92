import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { latency } from './wrk.ts';
import { numberIn } from './printed.ts';

/** https://nghttp2.org/documentation/h2load.1.html: C, HTTP/2. */
export const h2load: Peer = {
  name: 'h2load',
  install: 'apt-get install nghttp2-client',
  varies: false,
  multiplexes: true,
  find: () => findProgram('h2load'),
  version: (program) => versionOf(program, '--version'),
  command(program, { url, seconds, connections, streams = 1, ratePerSecond }) {
    if (ratePerSecond !== undefined) return undefined;
    return [program, '-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`, `${url}/?a`];
  },
  parse(output) {
    const failed = numberIn(output, /requests: .* (\d+) failed/);
    const requests = numberIn(output, /requests: .* (\d+) succeeded/) + failed;
    return {
      requests,
      perSecond: numberIn(output, /finished in .*?, ([\d.]+) req\/s/),
      failed,
      // It prints the mean and the extremes, and no percentiles.
      latencyMs: {
        p50: null,
        p90: null,
        p99: null,
        max: latency(output, /^time for request:\s+\S+\s+(\S+)/m),
      },
    };
  },
};

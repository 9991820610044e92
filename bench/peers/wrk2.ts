import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { countsOf, latency } from './wrk.ts';

/** So many a second that it is always behind and sends as soon as it was answered. */
const BEYOND_REACH = 1_000_000_000;

/**
 * https://github.com/giltene/wrk2: wrk with a constant rate for all connections, whose latencies
 * count from when a request should have been sent. It has no closed loop: where one is asked for it
 * gets a rate that nothing can reach, and what it prints as latencies is then of that plan.
 */
export const wrk2: Peer = {
  name: 'wrk2',
  install:
    'build https://github.com/giltene/wrk2 and put its wrk on the path, or into ' +
    '~/.cache/loadgen/bin, as wrk2',
  varies: false,
  find: () => findProgram('wrk2'),
  version: (program) => versionOf(program, '-v'),
  command(program, { url, seconds, connections, ratePerSecond = BEYOND_REACH }) {
    const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, `-R${ratePerSecond}`, '--latency'];
    return [program, ...flags, `${url}/?a`];
  },
  parse(output) {
    return {
      ...countsOf(output),
      latencyMs: {
        p50: latency(output, /^\s*50\.000%\s+(\S+)\s*$/m),
        p90: latency(output, /^\s*90\.000%\s+(\S+)\s*$/m),
        p99: latency(output, /^\s*99\.000%\s+(\S+)\s*$/m),
        max: latency(output, /^\s*100\.000%\s+(\S+)\s*$/m),
      },
    };
  },
};

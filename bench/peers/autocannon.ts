import { findProgram, versionOf } from './find-program.ts';
import type { Peer, PeerLatencyMs } from './peer.ts';

/** https://github.com/mcollina/autocannon: Node, one thread. It prints whole milliseconds. */
export const autocannon: Peer = {
  name: 'autocannon',
  install: 'bash bench/install-peers.sh (npm install autocannon)',
  varies: false,
  find: () => findProgram('autocannon'),
  version: (program) => versionOf(process.execPath, program, '--version'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    // `overallRate` also makes it fill in what it calls the omitted latencies.
    const rate = ratePerSecond === undefined ? [] : ['--overallRate', String(ratePerSecond)];
    const load = ['--connections', String(connections), '--duration', String(seconds), ...rate];
    return [process.execPath, program, '--json', ...load, `${url}/?a`];
  },
  parse(output) {
    const said = JSON.parse(output) as AutocannonResult;
    return {
      requests: said.requests.total,
      perSecond: said.requests.total / said.duration,
      failed: said.non2xx + said.errors,
      latencyMs: latencyOf(said),
    };
  },
};

/** The same with its own way of making each request another one: an id in the path. */
export const autocannonVaried: Peer = {
  ...autocannon,
  name: 'autocannon varied',
  varies: true,
  command(program, load) {
    const command = autocannon.command(program, load)!;
    // A bracket at the end would be syntax of its command line.
    return [...command.slice(0, -1), '--idReplacement', `${load.url}/?[<id>]a`];
  },
};

function latencyOf({ latency: { p50, p90, p99, max } }: AutocannonResult): PeerLatencyMs {
  return { p50, p90, p99, max };
}

interface AutocannonResult {
  readonly requests: { readonly total: number };
  readonly duration: number;
  readonly non2xx: number;
  /** Connection errors, timeouts among them. */
  readonly errors: number;
  readonly latency: Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>;
}

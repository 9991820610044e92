import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';

/** https://github.com/hatoo/oha: Rust, tokio. It keeps every latency. */
export const oha: Peer = {
  name: 'oha',
  install: 'bash bench/install-peers.sh (cargo install oha)',
  varies: false,
  find: () => findProgram('oha'),
  version: (program) => versionOf(program, '--version'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    // The correction counts a latency from when its request was due.
    const rate =
      ratePerSecond === undefined ? [] : ['-q', String(ratePerSecond), '--latency-correction'];
    const load = ['-z', `${seconds}s`, '-c', String(connections), ...rate];
    return [program, '--no-tui', '--output-format', 'json', ...load, `${url}/?a`];
  },
  parse(output) {
    const said = JSON.parse(output) as OhaResult;
    const { total, slowest } = said.summary;
    const { p50, p90, p99 } = said.latencyPercentiles;
    const statuses = Object.entries(said.statusCodeDistribution);
    const requests = sum(statuses);
    const rejected = statuses.filter(([status]) => Number(status) >= 400);
    const errors = Object.entries(said.errorDistribution);
    return {
      requests,
      // What it prints as requests a second also counts those that were never answered.
      perSecond: requests / total,
      failed: sum(rejected) + sum(errors.filter(([error]) => error !== CUT_OFF)),
      latencyMs: { p50: ms(p50), p90: ms(p90), p99: ms(p99), max: ms(slowest) },
    };
  },
};

/** What it calls the requests that were open when its time was over. */
const CUT_OFF = 'aborted due to deadline';

interface OhaResult {
  /** In seconds; null where nothing was answered. */
  readonly summary: { readonly total: number; readonly slowest: number | null };
  readonly latencyPercentiles: Readonly<Record<'p50' | 'p90' | 'p99', number | null>>;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
  readonly errorDistribution: Readonly<Record<string, number>>;
}

function sum(rows: readonly (readonly [string, number])[]): number {
  return rows.reduce((total, [, count]) => total + count, 0);
}

function ms(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}

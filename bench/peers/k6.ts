import { fileURLToPath } from 'node:url';
import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';

const SCRIPT = fileURLToPath(new URL('k6-get.js', import.meta.url));

/** https://github.com/grafana/k6: Go, a JavaScript engine a virtual user. */
export const k6: Peer = {
  name: 'k6',
  install: 'bash bench/install-peers.sh (go install go.k6.io/k6@latest)',
  varies: true,
  find: () => findProgram('k6'),
  version: (program) => versionOf(program, 'version'),
  command(program, { url, seconds, connections, ratePerSecond }) {
    const values = {
      URL: url,
      SECONDS: seconds,
      VUS: connections,
      ...(ratePerSecond !== undefined && { RATE: ratePerSecond }),
    };
    const environment = Object.entries(values).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    return [program, 'run', '--quiet', '--no-usage-report', ...environment, SCRIPT];
  },
  parse(output) {
    const { metrics } = JSON.parse(output) as K6Summary;
    const requests = metrics['http_reqs']!.values;
    const failed = metrics['http_req_failed']?.values;
    const latency = metrics['http_req_duration']!.values;
    return {
      requests: requests['count']!,
      perSecond: requests['rate']!,
      // A rate metric counts as `passes` what was true, here: failed.
      failed: failed?.['passes'] ?? 0,
      dropped: metrics['dropped_iterations']?.values['count'] ?? 0,
      latencyMs: {
        p50: latency['med']!,
        p90: latency['p(90)']!,
        p99: latency['p(99)']!,
        max: latency['max'] ?? null,
      },
    };
  },
};

interface K6Summary {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
}

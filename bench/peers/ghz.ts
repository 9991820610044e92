import { findProgram, versionOf } from './find-program.ts';
import type { Peer } from './peer.ts';
import { numberIn } from './printed.ts';

/** The method and message that bench/scenarios/grpc.yaml calls too. */
const CALL = ['--call', 'grpc.testing.TestService/UnaryCall', '-d', '{"response_size":16}'];
const METADATA = ['-m', '{"x-request-id":"a"}'];

/** https://ghz.sh: Go, gRPC. Its "connections" are calls in flight here, over one connection. */
export const ghz: Peer = {
  name: 'ghz',
  install: 'bash bench/install-peers.sh (go install github.com/bojand/ghz/cmd/ghz)',
  varies: false,
  find: () => findProgram('ghz'),
  // It says "dev"; the Go tool can read its version from the program.
  version: (program) => versionOf('sh', '-c', 'go version -m "$0" | grep -w mod', program),
  command(program, { url, seconds, connections, ratePerSecond }) {
    if (ratePerSecond !== undefined) return undefined;
    const load = ['-c', String(connections), '--connections', '1', '-z', `${seconds}s`];
    const address = url.replace(/^grpc:\/\//, '');
    return [program, '--insecure', '--cpus', '1', ...CALL, ...METADATA, ...load, address];
  },
  parse(output) {
    const requests = numberIn(output, /Count:\s+(\d+)/);
    const [, ok = '0'] = /^\s+\[OK\]\s+(\d+) responses/m.exec(output) ?? [];
    return {
      requests,
      perSecond: numberIn(output, /Requests\/sec:\s+([\d.]+)/),
      // Calls that were open when its time was up are among them.
      failed: requests - Number(ok),
      latencyMs: {
        p50: milliseconds(output, /^\s*50 % in ([\d.]+) (\S+)/m),
        p90: milliseconds(output, /^\s*90 % in ([\d.]+) (\S+)/m),
        p99: milliseconds(output, /^\s*99 % in ([\d.]+) (\S+)/m),
        max: ok === '0' ? null : milliseconds(output, /Slowest:\s+([\d.]+) (\S+)/),
      },
    };
  },
};

const MS: Readonly<Record<string, number>> = { ns: 1e-6, µs: 1e-3, ms: 1, s: 1000 };

/** Null where nothing was answered and so nothing is printed. */
function milliseconds(output: string, pattern: RegExp): number | null {
  const [, value, unit] = pattern.exec(output) ?? [];
  return unit === undefined ? null : Number(value) * MS[unit]!;
}

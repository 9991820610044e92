import { fileURLToPath } from 'node:url';
import { grpcTargetOptions } from '../../../src/drivers/grpc/grpc-config.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import { startHttp2Process } from '../../support/http2-process.ts';
import type { DriverFixture, FixtureServer } from '../driver-fixture.ts';

const MAIN = fileURLToPath(new URL('fault-server.ts', import.meta.url));
export const FAULTS_PROTO = fileURLToPath(
  new URL('../../fixtures/grpc/faults.proto', import.meta.url),
);

export function call(message: Record<string, unknown>, method = 'Call'): StepOptions {
  return { verb: 'call', spec: { method: `faults.v1.Faults/${method}`, message } };
}

const fault = (name: string): StepOptions => call({ text: 'x', fault: name });

export function startFaultServer(): Promise<FixtureServer> {
  return startHttp2Process(MAIN, 'grpc');
}

export const fixture: DriverFixture = {
  start: startFaultServer,
  options: grpcTargetOptions.parse({ proto: [FAULTS_PROTO] }),
  steps: {
    ok: { ...call({ text: 'hello' }), reads: ['message'] },
    delayed: (delayMs) => call({ text: 'late', delay_ms: delayMs }),
    large: (bytes) => call({ text: 'large', bytes }),
    silence: fault('silence'),
    die: fault('die'),
    failing: [
      ...[1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 99].map(
        (code) => [`status ${code}`, fault(`code ${code}`), 'status_error'] as const,
      ),
      ['status INTERNAL after the headers', fault('late code'), 'status_error'],
      ['status RESOURCE_EXHAUSTED', fault('code 8'), 'rejected'],
      ['status UNAVAILABLE', fault('code 14'), 'rejected'],
      ['status DEADLINE_EXCEEDED', fault('code 4'), 'timeout'],
      ['HTTP status 503', fault('http 503'), 'rejected'],
      ['HTTP status 404', fault('http 404'), 'status_error'],
      ['a stream that is refused', fault('reset 7'), 'rejected'],
      ['a stream that is told to calm down', fault('reset 11'), 'rejected'],
      ['a stream that is reset', fault('reset 2'), 'connection_lost'],
      ['a server that goes away and closes', fault('goaway'), 'connection_lost'],
      ['closed before the answer', fault('close'), 'connection_lost'],
      ['closed within the answer', fault('cut off'), 'connection_lost'],
      ['a message that is cut off', fault('truncated'), 'protocol_error'],
      ['an answer without a status', fault('no status'), 'protocol_error'],
      ['trailers without a status', fault('no status in trailers'), 'protocol_error'],
      ['an answer without a message', fault('no message'), 'protocol_error'],
      ['two messages where one is right', fault('two messages'), 'protocol_error'],
      ['a flag that nobody knows', fault('unknown flag'), 'protocol_error'],
      ['a message beyond the limit', fault('oversize'), 'protocol_error'],
      ['a page instead of an answer', fault('text page'), 'protocol_error'],
      ['a message that is no gzip', { ...fault('bad gzip'), reads: ['message'] }, 'protocol_error'],
    ],
  },
};

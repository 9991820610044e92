import { startReferenceProcess } from '../../support/reference-process.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import type { DriverFixture } from '../driver-fixture.ts';
import { http2Fixture } from './http2/fixture.ts';

function get(path: string): StepOptions {
  return { verb: 'request', spec: { path } };
}

export const fixture: DriverFixture = {
  async start() {
    const reference = await startReferenceProcess('--allow-die');
    return {
      port: reference.port,
      url: (port) => `http://127.0.0.1:${port}`,
      async connectionsAccepted() {
        const answer = await fetch(`${reference.url}/__count`, {
          headers: { connection: 'close' },
        });
        const { connectionsAccepted } = (await answer.json()) as { connectionsAccepted: number };
        return connectionsAccepted;
      },
      stop: () => reference.stop(),
    };
  },
  steps: {
    ok: { verb: 'request', spec: { path: '/json' }, reads: ['json'] },
    delayed: (delayMs) => get(`/fixed?ms=${delayMs}`),
    large: (bytes) => get(`/chunked/${bytes}?chunk=1000&trailers=1`),
    silence: get('/silence'),
    die: get('/die'),
    failing: [
      ['status 404', get('/status/404'), 'status_error'],
      ['status 500', get('/status/500'), 'status_error'],
      ['status 429', get('/status/429'), 'rejected'],
      ['status 503', get('/status/503'), 'rejected'],
      ['garbage', get('/garbage'), 'protocol_error'],
      ['garbage in the body', get('/garbage-after-headers'), 'protocol_error'],
      ['closed before the answer', get('/close-before-answer'), 'connection_lost'],
      ['reset before the answer', get('/close-before-answer?reset=1'), 'connection_lost'],
      ['closed within the answer', get('/close-mid-body'), 'connection_lost'],
      ['reset within the answer', get('/close-mid-body?reset=1'), 'connection_lost'],
      ['a header over the limit', get('/huge-header/20000'), 'protocol_error'],
    ],
  },
};

export const variants = { 'http: 2': http2Fixture };

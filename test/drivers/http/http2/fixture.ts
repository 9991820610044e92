import { fileURLToPath } from 'node:url';
import { httpTargetOptions } from '../../../../src/drivers/http/http-config.ts';
import type { StepOptions } from '../../../support/driver-bench.ts';
import { startHttp2Process } from '../../../support/http2-process.ts';
import type { DriverFixture } from '../../driver-fixture.ts';

const MAIN = fileURLToPath(new URL('fault-server.ts', import.meta.url));

function get(path: string): StepOptions {
  return { verb: 'request', spec: { path } };
}

/** The raw HTTP/2 client against a server of Node. */
export const http2Fixture: DriverFixture = {
  start: () => startHttp2Process(MAIN, 'http'),
  options: httpTargetOptions.parse({ http: 2 }),
  steps: {
    ok: { verb: 'request', spec: { path: '/json' }, reads: ['json'] },
    delayed: (delayMs) => get(`/fixed?ms=${delayMs}`),
    large: (bytes) => get(`/large/${bytes}`),
    silence: get('/silence'),
    die: get('/die'),
    failing: [
      ['status 404', get('/status/404'), 'status_error'],
      ['status 500', get('/status/500'), 'status_error'],
      ['status 429', get('/status/429'), 'rejected'],
      ['status 503', get('/status/503'), 'rejected'],
      ['a stream that is refused', get('/reset/7'), 'rejected'],
      ['a stream that is told to calm down', get('/reset/11'), 'rejected'],
      ['a stream that is reset', get('/reset/2'), 'connection_lost'],
      ['a stream that wants HTTP/1.1', get('/reset/13'), 'connection_lost'],
      ['a stream that is reset within the answer', get('/reset-mid-body/8'), 'connection_lost'],
      ['a server that goes away and closes', get('/goaway'), 'connection_lost'],
      ['closed before the answer', get('/close'), 'connection_lost'],
      ['closed within the answer', get('/close-mid-body'), 'connection_lost'],
      ['a body shorter than it says', get('/short'), 'protocol_error'],
      ['a body longer than it says', get('/long'), 'protocol_error'],
    ],
  },
};

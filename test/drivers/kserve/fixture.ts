import { startKserveProcess } from '../../support/kserve-process.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import type { DriverFixture } from '../driver-fixture.ts';

/** A request to the model that fails as its input says. */
export function faulty(fault: string): StepOptions {
  const FAULT = { datatype: 'BYTES', shape: [1], data: [fault] };
  return { verb: 'infer', spec: { model: 'faulty', inputs: { FAULT } } };
}

export const fixture: DriverFixture = {
  async start() {
    const server = await startKserveProcess('--allow-die');
    return {
      port: server.httpPort,
      url: (port) => `http://127.0.0.1:${port}`,
      connectionsAccepted: () => server.connectionsAccepted(),
      stop: () => server.stop(),
    };
  },
  steps: {
    ok: { ...faulty('none'), reads: ['outputs'] },
    delayed: (delayMs) => faulty(`delay:${delayMs}`),
    large: (bytes) => faulty(`large:${bytes}`),
    silence: faulty('silence'),
    die: faulty('die'),
    failing: [
      ['status 400', faulty('status:400'), 'status_error'],
      ['status 500', faulty('status:500'), 'status_error'],
      ['status 503', faulty('status:503'), 'rejected'],
      ['status 429', faulty('status:429'), 'rejected'],
      ['a tensor with too few bytes', faulty('short-tensor'), 'protocol_error'],
      ['a tensor with too many bytes', faulty('long-tensor'), 'protocol_error'],
      ['elements that differ from their tensor', faulty('wrong-length'), 'protocol_error'],
      ['JSON that breaks off', faulty('bad-json'), 'protocol_error'],
      ['an answer without outputs', faulty('no-outputs'), 'protocol_error'],
      ['an output without datatype', faulty('no-datatype'), 'protocol_error'],
      ['a list with too few elements', faulty('short-list'), 'protocol_error'],
      ['no HTTP', faulty('garbage'), 'protocol_error'],
      ['closed before the answer', faulty('close'), 'connection_lost'],
      ['reset before the answer', faulty('reset'), 'connection_lost'],
      ['closed within the answer', faulty('cut-off'), 'connection_lost'],
    ],
  },
};

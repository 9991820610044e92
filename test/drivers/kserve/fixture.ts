import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import type { DriverFixture, FixtureServer, FixtureSteps } from '../driver-fixture.ts';

/** A request to the model that fails as its input says. */
export function faulty(fault: string, outputs?: readonly string[]): StepOptions {
  const FAULT = { datatype: 'BYTES', shape: [1], data: [fault] };
  const spec = { model: 'faulty', inputs: { FAULT }, ...(outputs && { outputs }) };
  return { verb: 'infer', spec };
}

/** The same over both. */
const STEPS: Omit<FixtureSteps, 'failing'> = {
  ok: { ...faulty('none'), reads: ['outputs'] },
  delayed: (delayMs) => faulty(`delay:${delayMs}`),
  large: (bytes) => faulty(`large:${bytes}`),
  silence: faulty('silence'),
  die: faulty('die'),
};

const LOST: FixtureSteps['failing'] = [
  ['closed before the answer', faulty('close'), 'connection_lost'],
  ['reset before the answer', faulty('reset'), 'connection_lost'],
  ['closed within the answer', faulty('cut-off'), 'connection_lost'],
];

const http: DriverFixture = {
  async start() {
    const server = await startKserveProcess('--allow-die');
    return {
      port: server.httpPort,
      url: (port) => `http://127.0.0.1:${port}`,
      connectionsAccepted: async () => (await server.connectionsAccepted()).http,
      stop: () => server.stop(),
    };
  },
  steps: {
    ...STEPS,
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
      ...LOST,
    ],
  },
};

const grpc: DriverFixture = {
  start: async () => grpcServerOf(await startKserveProcess('--allow-die')),
  steps: {
    ...STEPS,
    failing: [
      ['status INVALID_ARGUMENT', faulty('code:INVALID_ARGUMENT'), 'status_error'],
      ['status NOT_FOUND', faulty('code:NOT_FOUND'), 'status_error'],
      ['status INTERNAL', faulty('code:INTERNAL'), 'status_error'],
      ['status UNAVAILABLE', faulty('code:UNAVAILABLE'), 'rejected'],
      ['status RESOURCE_EXHAUSTED', faulty('code:RESOURCE_EXHAUSTED'), 'rejected'],
      ['status DEADLINE_EXCEEDED', faulty('code:DEADLINE_EXCEEDED'), 'timeout'],
      ['a tensor with too few bytes', faulty('short-tensor'), 'protocol_error'],
      ['a tensor with too many bytes', faulty('long-tensor'), 'protocol_error'],
      ['an output without contents', faulty('no-contents'), 'protocol_error'],
      ['an answer without the outputs', faulty('no-outputs', ['OUT']), 'protocol_error'],
      ['an output without datatype', faulty('no-datatype'), 'protocol_error'],
      ['a message that is no response', faulty('bad-message'), 'protocol_error'],
      ...LOST,
    ],
  },
};

/** How many connections there were is asked over HTTP, and counted as if over gRPC. */
function grpcServerOf(server: KserveProcess): FixtureServer {
  let questions = 0;
  return {
    port: server.grpcPort,
    url: (port) => `grpc://127.0.0.1:${port}`,
    async connectionsAccepted() {
      return (await server.connectionsAccepted()).grpc + ++questions;
    },
    stop: () => server.stop(),
  };
}

export { http as fixture };

export const variants = { 'a grpc:// address': grpc };

import { driver } from '../../../src/drivers/grpc/index.ts';
import { testStalledWindows } from '../../support/stalled-window-suite.ts';
import { call, FAULTS_PROTO } from './fixture.ts';

const options = driver.targetOptions.parse({ proto: [FAULTS_PROTO] }) as Record<string, unknown>;

testStalledWindows('a call of grpc', {
  driver,
  options,
  method: 'Call',
  step: (bytes) => call({ text: 'x'.repeat(bytes) }),
  scenario: ({ url, iterations }) => `
version: 1
targets:
  server: { driver: grpc, url: '${url}', connections: 2, proto: ['${FAULTS_PROTO}'] }
steps:
  - name: large
    timeout: 300ms
    call: { method: faults.v1.Faults/Call, message: { text: '${'x'.repeat(200_000)}' } }
load: { executor: shared-iterations, vus: 4, iterations: ${iterations} }
`,
});

const message = { text: 'x'.repeat(100_000) };

testStalledWindows('a stream of messages of grpc', {
  driver,
  options,
  method: 'Chat',
  step: (bytes) => ({
    verb: 'call',
    spec: {
      method: 'faults.v1.Faults/Chat',
      messages: Array.from({ length: Math.ceil(bytes / 100_000) }, () => message),
    },
  }),
});

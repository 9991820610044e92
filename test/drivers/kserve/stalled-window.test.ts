import { driver } from '../../../src/drivers/kserve/index.ts';
import { testStalledWindows } from '../../support/stalled-window-suite.ts';

testStalledWindows('an inference over gRPC', {
  driver,
  method: 'ModelInfer',
  step: (bytes) => ({
    verb: 'infer',
    spec: { model: 'm', inputs: { x: { datatype: 'UINT8', shape: [bytes], fill: 1 } } },
  }),
  scenario: ({ url, iterations }) => `
version: 1
targets:
  server: { driver: kserve, url: '${url}', connections: 2 }
steps:
  - name: large
    timeout: 300ms
    infer: { model: m, inputs: { x: { datatype: UINT8, shape: [200000], fill: 1 } } }
load: { executor: shared-iterations, vus: 4, iterations: ${iterations} }
`,
});

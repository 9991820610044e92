import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../../src/base/time/clock.ts';
import { driver } from '../../../src/drivers/kserve/index.ts';
import { loadRecipe } from '../../../src/recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../../src/recipes/start-server.ts';
import { askerOf, testInference } from '../../drivers/kserve/infer-suite.ts';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { runScenario } from '../../support/run-loadgen.ts';
import type { Result } from '../../../src/results/schema/result.ts';

const skip = whyNotInstalled('triton');

const PROTOCOLS = ['http', 'grpc'] as const;

/**
 * Every answer of ours is a request that Triton counted, and the times that it spent on one, on
 * average, are within the time that we waited for one.
 */
function assertServerTimes(result: Result): void {
  const [looks] = result.serverLooks!;
  assert.deepEqual([looks!.kind, looks!.failures], ['stats', 0]);
  const grown = (name: string): number => {
    const total = looks!.totals.find(({ series }) => series.startsWith(name))!;
    return total.after - total.before;
  };
  const { warmup, measure } = result.accounts;
  const answered = warmup!.operations['ok']! + measure.operations['ok']!;
  assert.equal(grown('server_requests'), answered);
  assert.equal(grown('server_failures'), 0);
  const request = grown('server_request_time_sum');
  const parts = ['queue', 'compute_input', 'compute_infer', 'compute_output'];
  const inside = parts.reduce((sum, part) => sum + grown(`server_${part}_time_sum`), 0);
  assert.ok(inside > 0 && inside <= request * 1.02, `${inside} of ${request}`);
  const ours = result.series.filter(({ metric }) => metric === 'service_time');
  const waited = ours.reduce((sum, { histogram }) => sum + histogram!.sum, 0);
  assert.ok(request <= waited, `${request} of ${waited}`);
}

describe('the real Triton', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    const recipe = loadRecipe('triton');
    const silent = { target: 'triton', clock: systemClock, status() {}, output() {} };
    server = await startServer({ ...silent, recipe });
  });
  after(() => server?.stop());
  const urlOf = (protocol: (typeof PROTOCOLS)[number]): string =>
    protocol === 'http' ? server.url : server.urls['grpc']!;

  for (const protocol of PROTOCOLS) {
    describe(`over ${protocol}`, () => {
      const url = (): string => urlOf(protocol);
      // NumPy, and with it the Python backend, has no BF16.
      testInference({ url, hasJson: protocol === 'http', without: ['BF16'] });

      it('tells what its models take', async (t) => {
        const bench = await DriverBench.of(driver, { url: url() });
        t.after(() => bench.close());
        const vector = { datatype: 'FP32', shape: [1, 2], data: [1, 2] };
        const inputs = { INPUT0: vector, INPUT1: vector };
        bench.compile({ verb: 'infer', spec: { model: 'add', inputs } });
        const BYTES = { datatype: 'BYTES', shape: [1, 1], data: ['x'] };
        bench.compile({ verb: 'infer', spec: { model: 'echo', inputs: { BYTES } } });
        await bench.driver.ready!();
        for (const [spec, words] of [
          [{ model: 'nope', inputs }, /it has no model nope; it has .*add/],
          [{ model: 'add', inputs: { ...inputs, X: vector } }, /add has no input X/],
          [{ model: 'add', inputs: { INPUT0: vector } }, /add needs the input INPUT1/],
          [{ model: 'add', inputs, outputs: ['Y'] }, /add has no output Y; it has SUM/],
          [
            {
              model: 'repeat',
              inputs: Object.fromEntries(
                ['VALUE', 'COUNT', 'DELAY_US'].map((name) => [
                  name,
                  { datatype: 'INT32', shape: [1], fill: 1 },
                ]),
              ),
            },
            /repeat is decoupled/,
          ],
        ] as const) {
          const other = await DriverBench.of(driver, { url: url() });
          t.after(() => other.close());
          other.compile({ verb: 'infer', spec });
          await assert.rejects(other.driver.ready!(), words);
        }
      });

      it('loads and unloads models', async (t) => {
        const ask = await askerOf(t, url());
        const inputs = { BYTES: { datatype: 'BYTES', shape: [1, 1], data: ['x'] } };
        assert.equal((await ask('unloadModel', { model: 'echo' })).outcome, 'ok');
        // It goes once its last request has ended, and that is told by nobody.
        for (let left = 100; left > 0; left--) {
          const { outcome, error } = await ask('infer', { model: 'echo', inputs });
          if (outcome !== 'ok') {
            assert.match(error!, /echo/);
            break;
          }
          assert.ok(left > 1);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.equal((await ask('loadModel', { model: 'echo' })).outcome, 'ok');
        assert.equal((await ask('infer', { model: 'echo', inputs })).outcome, 'ok');
      });
    });
  }

  const FORMS = {
    'HTTP JSON': ['http', false],
    'HTTP binary': ['http', true],
    gRPC: ['grpc', true],
  } as const;
  for (const [form, [protocol, binary]] of Object.entries(FORMS)) {
    for (const vus of [1, 4, 16]) {
      it(`answers ${vus} at a time by ${form}, and its times are within ours`, async () => {
        const run = await runScenario(`
version: 1
targets:
  triton: { driver: kserve, url: '${urlOf(protocol)}', monitor: { stats: 500ms } }
data: { vectors: { generate: vectors, dimension: 64, rows: 100 } }
steps:
  - name: add
    infer:
      model: add
      binary: ${binary}
      inputs:
        INPUT0: { datatype: FP32, shape: [1, 64], data: '{{ vectors.vector }}' }
        INPUT1: { datatype: FP32, shape: [1, 64], fill: 1 }
      outputs: [SUM]
    expect: ['outputs.SUM.shape == [1, 64]']
load: { executor: constant-vus, vus: ${vus}, duration: 2s, warmup: { duration: 500ms } }
thresholds: ['error_rate == 0%']
`);
        assertServerTimes(run.result as unknown as Result);
      });
    }
  }

  for (const batch of [1, 2, 4, 8, 16, 32]) {
    it(`computes batches of ${batch}, and puts waiting ones together`, async () => {
      const run = await runScenario(`
version: 1
params: { batch: ${batch} }
targets:
  triton: { driver: kserve, url: '${urlOf('grpc')}', monitor: { stats: 500ms } }
data:
  texts: { generate: tokenIds, tokens: 16, vocabulary: 3000, batch: '{{ params.batch }}' }
steps:
  - name: embed
    infer:
      model: minilm
      inputs:
        input_ids: { datatype: INT64, shape: ['{{ params.batch }}', 16], data: '{{ texts.tokens }}' }
        attention_mask: { datatype: INT64, shape: ['{{ params.batch }}', 16], fill: 1 }
      outputs: [embedding]
    items: params.batch
    expect: ['outputs.embedding.shape == [params.batch, 384]']
load: { executor: shared-iterations, vus: 4, iterations: 24, warmup: { iterations: 4 } }
thresholds: ['error_rate == 0%', 'items count == ${24 * batch}', 'server_batch_size min >= ${batch}']
`);
      assertServerTimes(run.result as unknown as Result);
    });
  }
});

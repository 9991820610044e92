import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { modelMisfit } from '../../../src/drivers/kserve/check-model.ts';
import { driver } from '../../../src/drivers/kserve/index.ts';
import type { InferSpec } from '../../../src/drivers/kserve/kserve-config.ts';
import type { ModelFacts } from '../../../src/drivers/kserve/model-facts.ts';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { freePort } from '../../support/free-port.ts';
import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';

const FLOATS = { datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const ADD = { model: 'add', inputs: { INPUT0: FLOATS, INPUT1: FLOATS } };

async function ready(
  t: TestContext,
  url: string,
  spec: unknown,
  options: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const bench = await DriverBench.of(driver, { url, options });
  t.after(() => bench.close());
  bench.compile({ verb: 'infer', spec });
  await bench.driver.ready!();
}

function coded(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof LoadgenError);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
}

describe('before any load', () => {
  let server: KserveProcess;
  before(async () => (server = await startKserveProcess()));
  after(() => server.stop());
  const url = (): string => `http://127.0.0.1:${server.httpPort}`;

  it('a step that fits its model passes', async (t) => {
    await ready(t, url(), { ...ADD, version: 1 });
    const BYTES = { datatype: 'BYTES', shape: [1, 1], data: ['x'] };
    await ready(t, url(), { model: 'echo', inputs: { BYTES } });
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['a model that is not there', { ...ADD, model: 'nope' }, /no model nope; it has add, echo/],
    [
      'an input that the model has not',
      { ...ADD, inputs: { ...ADD.inputs, X: FLOATS } },
      /model add has no input X; it has INPUT0 FP32 \[-1, -1\]/,
    ],
    [
      'a datatype',
      { ...ADD, inputs: { ...ADD.inputs, INPUT1: { ...FLOATS, datatype: 'FP64' } } },
      /model add takes FP32 for input INPUT1, and the step has FP64/,
    ],
    [
      'a number of dimensions',
      { ...ADD, inputs: { ...ADD.inputs, INPUT1: { ...FLOATS, shape: [2] } } },
      /takes INPUT1 FP32 \[-1, -1\]|takes \[-1, -1\] for input INPUT1, and the step has \[2\]/,
    ],
    ['a missing input', { ...ADD, inputs: { INPUT0: FLOATS } }, /needs the input INPUT1 FP32/],
    ['an output', { ...ADD, outputs: ['PRODUCT'] }, /has no output PRODUCT; it has SUM FP32/],
    [
      'a decoupled model without stream',
      {
        model: 'repeat',
        inputs: Object.fromEntries(
          ['VALUE', 'COUNT', 'DELAY_US'].map((name) => [
            name,
            { datatype: 'INT32', shape: [1], fill: 1 },
          ]),
        ),
      },
      /model repeat is decoupled: .* needs stream: true/,
    ],
  ];
  for (const [title, spec, words] of refused) {
    it(`refuses ${title}`, async (t) => {
      await assert.rejects(ready(t, url(), spec), coded('TARGET_NOT_USABLE', words));
    });
  }

  it('says at once that a server cannot be reached, unless it is to be waited for', async (t) => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(ready(t, nowhere, ADD), coded('TARGET_UNREACHABLE', /ECONNREFUSED/));
  });

  it('waits for a server that is not ready, and for one that is not there, if told so', async (t) => {
    const port = await freePort();
    let questions = 0;
    let late: Server | undefined;
    t.after(() => late?.close());
    // It refuses connections, then is not ready for three questions, and then is.
    const listening = ready(t, `http://127.0.0.1:${port}`, ADD, { readyTimeout: 60e9 });
    late = createServer((request, response) => {
      if (request.url === '/v2/health/ready' && ++questions <= 3) response.statusCode = 400;
      const { pathname } = new URL(request.url!, 'http://localhost');
      response.end(pathname === '/v2/models/add' ? '{"inputs":[],"outputs":[]}' : '{}');
    });
    await once(late.listen(port, '127.0.0.1'), 'listening');
    await listening;
    assert.equal(questions, 4);
  });

  it('gives up when it is not ready in time', async (t) => {
    const never = createServer((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    t.after(() => never.close());
    await once(never.listen(0, '127.0.0.1'), 'listening');
    const { port } = never.address() as AddressInfo;
    await assert.rejects(
      ready(t, `http://127.0.0.1:${port}`, ADD, { readyTimeout: 150e6 }),
      coded('TARGET_UNREACHABLE', /it is not ready after 150 ms/),
    );
  });
});

describe('a step beside what its model says', () => {
  const facts: ModelFacts = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    optionalInputs: [],
    isDecoupled: false,
  };
  const step = (shape: readonly (number | string)[]): InferSpec =>
    driver.verbs['infer']!.schema.parse({
      model: 'm',
      inputs: { x: { datatype: 'FP32', shape, fill: 1 } },
    }) as InferSpec;

  it('may have any size where the model says so, and where rows decide', () => {
    for (const shape of [
      [7, 4],
      ['{{ row.n }}', 4],
      [7, '{{ row.n }}'],
    ]) {
      assert.equal(modelMisfit(step(shape), facts), undefined);
    }
    assert.match(modelMisfit(step([7, 5]), facts)!, /takes \[-1, 4\] for input x/);
  });

  it('is not held against a model that names no tensors', () => {
    assert.equal(modelMisfit(step([9]), { ...facts, inputs: [], outputs: [] }), undefined);
  });

  it('may lack inputs where nobody says which are optional', () => {
    const none = driver.verbs['infer']!.schema.parse({ model: 'm', inputs: {} }) as InferSpec;
    assert.match(modelMisfit(none, facts)!, /needs the input x/);
    assert.equal(modelMisfit(none, { ...facts, optionalInputs: undefined }), undefined);
    assert.equal(modelMisfit(none, { ...facts, optionalInputs: ['x'] }), undefined);
  });
});

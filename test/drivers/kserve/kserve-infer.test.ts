import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { driver } from '../../../src/drivers/kserve/index.ts';
import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';
import { askerOf, testInference } from './infer-suite.ts';

let server: KserveProcess;
before(async () => (server = await startKserveProcess()));
after(() => server.stop());

for (const protocol of ['http', 'grpc'] as const) {
  const url = (): string => {
    const port = protocol === 'http' ? server.httpPort : server.grpcPort;
    return `${protocol}://127.0.0.1:${port}`;
  };

  describe(`infer over ${protocol}`, () => {
    testInference({ url, hasJson: protocol === 'http' });

    it('calls a stream that the server breaks off with words a status_error', async (t) => {
      const ask = await askerOf(t, url());
      const number = (value: number): object => ({ datatype: 'INT32', shape: [1], data: value });
      const { outcome, error, responses } = await ask('infer', {
        model: 'repeat',
        stream: true,
        inputs: { VALUE: number(664), COUNT: number(5), DELAY_US: number(0) },
      });
      assert.equal(outcome, 'status_error');
      assert.equal(error, 'no number follows 665');
      assert.equal(responses.length, 2);
    });

    it('loads and unloads models, and reads what the server says', async (t) => {
      const ask = await askerOf(t, url());
      const inputs = { BYTES: { datatype: 'BYTES', shape: [1, 1], data: ['x'] } };
      assert.equal((await ask('unloadModel', { model: 'echo' })).outcome, 'ok');
      const gone = await ask('infer', { model: 'echo', inputs });
      assert.equal(gone.outcome, 'status_error');
      assert.equal(gone.error, "Request for unknown model: 'echo' is not loaded");
      assert.equal((await ask('loadModel', { model: 'echo' })).outcome, 'ok');
      assert.equal((await ask('infer', { model: 'echo', inputs })).outcome, 'ok');
    });
  });
}

describe('the schema of infer', () => {
  const problems = (spec: unknown): readonly string[] => {
    const { error } = driver.verbs['infer']!.schema.safeParse(spec);
    return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  const withInput = (input: object): unknown => ({ model: 'm', inputs: { x: input } });

  it('finds constant data that does not fit, and what has no form in JSON', () => {
    const INT8 = { datatype: 'INT8', shape: [2] };
    assert.deepEqual(problems(withInput({ ...INT8, data: [1, 2] })), []);
    assert.deepEqual(problems(withInput({ ...INT8, data: [1, 300] })), [
      'inputs.x.data: 300 is no INT8',
    ]);
    assert.deepEqual(problems(withInput({ ...INT8, data: [1] })), [
      'inputs.x.data: 1 elements, where shape [2] has 2',
    ]);
    assert.deepEqual(problems(withInput(INT8)), ['inputs.x.data: one of data and fill']);
    assert.deepEqual(problems(withInput({ ...INT8, fill: 'x' })), [
      'inputs.x.fill: "x" is no INT8',
    ]);
    const half = {
      model: 'm',
      binary: false,
      inputs: { x: { datatype: 'FP16', shape: [1], fill: 1 } },
    };
    assert.deepEqual(problems(half), ['inputs.x.datatype: FP16 has no form in JSON']);
  });

  it('says which key a reserved parameter has', () => {
    const spec = { model: 'm', inputs: {}, parameters: { sequence_id: 1, priority: 2 } };
    assert.deepEqual(problems(spec), [
      'parameters.sequence_id: sequence_id is set otherwise: write sequence: { id }',
    ]);
  });
});

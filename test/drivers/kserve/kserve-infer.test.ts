import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { driver } from '../../../src/drivers/kserve/index.ts';
import type { Outputs } from '../../../src/drivers/kserve/outputs.ts';
import { DriverBench, type OperationRecord } from '../../support/driver-bench.ts';
import { startKserveProcess, type KserveProcess } from '../../support/kserve-process.ts';

const READS = ['outputs', 'responses', 'parameters', 'error', 'status', 'code'];

interface Answer extends OperationRecord {
  readonly outputs: Outputs | undefined;
  readonly responses: readonly Outputs[];
  readonly error: string | undefined;
}

let server: KserveProcess;
before(async () => (server = await startKserveProcess()));
after(() => server.stop());

const PROTOCOLS = ['http', 'grpc'] as const;

/** One operation after another over one session. */
async function asker(t: TestContext, protocol: (typeof PROTOCOLS)[number]) {
  const port = protocol === 'http' ? server.httpPort : server.grpcPort;
  const url = `${protocol}://127.0.0.1:${port}`;
  const bench = await DriverBench.of(driver, { url });
  t.after(() => bench.close());
  const session = bench.driver.open(0);
  return async (verb: string, spec: unknown, scope = {}): Promise<Answer> => {
    const record = await bench.run(session, { verb, spec, reads: READS }, { scope });
    const { outputs, responses, error } = session.result as unknown as Answer;
    return { ...record, outputs, responses, error };
  };
}

/** One value of each datatype that stays the same on its way there and back. */
const SAMPLES = {
  BOOL: [true, false],
  INT8: [-128, 127],
  INT16: [-32_768, 5],
  INT32: [-2_147_483_648, 5],
  INT64: [-(2 ** 53 - 1), 2 ** 40],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, 2 ** 53 - 1],
  FP16: [0.5, -65_504],
  BF16: [0.5, -128],
  FP32: [1.5, -0.25],
  FP64: [1.1, -1e300],
  BYTES: ['text', 'naïve 東京'],
} as const;

for (const protocol of PROTOCOLS) {
  describe(`infer over ${protocol}`, () => {
    for (const binary of protocol === 'http' ? [true, false] : [true]) {
      it(`brings tensors of every datatype there and back as ${binary ? 'bytes' : 'JSON'}`, async (t) => {
        const ask = await asker(t, protocol);
        for (const [datatype, data] of Object.entries(SAMPLES)) {
          if (!binary && (datatype === 'FP16' || datatype === 'BF16')) continue;
          const inputs = { [datatype]: { datatype, shape: [1, 2], data: [...data] } };
          const answer = await ask('infer', { model: 'echo', binary, inputs });
          assert.equal(answer.outcome, 'ok', datatype);
          const output = answer.outputs![`${datatype}_OUT`]!;
          assert.deepEqual(
            [output.datatype, output.shape, output.values],
            [datatype, [1, 2], [...data]],
          );
        }
      });
    }

    it('computes with rows of data, in shapes that change with them', async (t) => {
      const ask = await asker(t, protocol);
      const input = (field: string): object => ({
        datatype: 'FP32',
        shape: [1, '{{ row.left.size() }}'],
        data: `{{ row.${field} }}`,
      });
      const spec = {
        model: 'add',
        inputs: { INPUT0: input('left'), INPUT1: input('right') },
        outputs: ['SUM'],
      };
      for (const length of [1, 3, 1000]) {
        const left = Array.from({ length }, (_, index) => index);
        const right = left.map((value) => value / 2);
        const { outcome, outputs } = await ask('infer', spec, { row: { left, right } });
        assert.equal(outcome, 'ok');
        assert.deepEqual(Object.keys(outputs!), ['SUM']);
        assert.deepEqual(
          outputs!['SUM']!.values,
          left.map((value) => value * 1.5),
        );
      }
    });

    it('refuses a row that does not fit its shape before anything is sent', async (t) => {
      const ask = await asker(t, protocol);
      const BYTES = { datatype: 'BYTES', shape: [1, 2], data: '{{ row.texts }}' };
      const spec = { model: 'echo', inputs: { BYTES } };
      await assert.rejects(
        ask('infer', spec, { row: { texts: ['a'] } }),
        /input BYTES: 1 elements, where shape \[1, 2\] has 2/,
      );
    });

    it('keeps the state of sequences apart', async (t) => {
      const ask = await asker(t, protocol);
      const spec = {
        model: 'accumulate',
        inputs: { INPUT: { datatype: 'INT32', shape: [1, 1], data: '{{ row.number }}' } },
        sequence: { id: '{{ row.id }}', start: '{{ row.number == 1.0 }}' },
      };
      const sums: unknown[] = [];
      for (const number of [1, 2, 3]) {
        for (const id of [7, 8]) {
          const { outputs } = await ask('infer', spec, { row: { number: number, id } });
          sums.push(outputs!['SUM']!.values[0]);
        }
      }
      assert.deepEqual(sums, [1, 1, 3, 3, 6, 6]);
    });

    it('takes all responses of a stream, and the time of the first', async (t) => {
      const ask = await asker(t, protocol);
      const number = (value: number): object => ({ datatype: 'INT32', shape: [1], data: value });
      const spec = (count: number): object => ({
        model: 'repeat',
        stream: true,
        inputs: { VALUE: number(5), COUNT: number(count), DELAY_US: number(20_000) },
      });
      const three = await ask('infer', spec(3));
      assert.equal(three.outcome, 'ok');
      const values = three.responses.map(({ OUT }) => OUT!.values[0]);
      assert.deepEqual(values, [5, 6, 7]);
      assert.deepEqual(three.outputs!['OUT']!.values, [7]);
      const { first_response_time: firstNs = NaN } = three.phases;
      // The server waits 20 ms before each response.
      assert.ok(firstNs >= 20e6 && three.done - three.sent - firstNs >= 39e6, `${firstNs}`);
      const none = await ask('infer', spec(0));
      assert.deepEqual([none.outcome, none.responses], ['ok', []]);
    });

    it('calls a stream that the server breaks off with words a status_error', async (t) => {
      const ask = await asker(t, protocol);
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
      const ask = await asker(t, protocol);
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

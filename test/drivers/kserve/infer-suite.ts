import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { driver } from '../../../src/drivers/kserve/index.ts';
import type { Outputs } from '../../../src/drivers/kserve/outputs.ts';
import { DriverBench, type OperationRecord } from '../../support/driver-bench.ts';

const READS = ['outputs', 'responses', 'parameters', 'error', 'status', 'code'];

export interface Answer extends OperationRecord {
  readonly outputs: Outputs | undefined;
  readonly responses: readonly Outputs[];
  readonly error: string | undefined;
}

/** One operation after another over one session. */
export async function askerOf(t: TestContext, url: string) {
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

export interface InferPlace {
  /** Known once the server has started. */
  url(): string;
  /** Whether tensors may stand in JSON. */
  readonly hasJson: boolean;
  /** Datatypes that its model `echo` does not have. */
  readonly without?: readonly string[];
}

/** What every server with the models `add`, `echo`, `repeat` and `accumulate` has to show. */
export function testInference({ url, hasJson, without = [] }: InferPlace): void {
  const samples = Object.entries(SAMPLES).filter(([datatype]) => !without.includes(datatype));

  for (const binary of hasJson ? [true, false] : [true]) {
    it(`brings tensors of every datatype there and back as ${binary ? 'bytes' : 'JSON'}`, async (t) => {
      const ask = await askerOf(t, url());
      for (const [datatype, data] of samples) {
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
    const ask = await askerOf(t, url());
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
    const ask = await askerOf(t, url());
    const BYTES = { datatype: 'BYTES', shape: [1, 2], data: '{{ row.texts }}' };
    const spec = { model: 'echo', inputs: { BYTES } };
    await assert.rejects(
      ask('infer', spec, { row: { texts: ['a'] } }),
      /input BYTES: 1 elements, where shape \[1, 2\] has 2/,
    );
  });

  it('keeps the state of sequences apart', async (t) => {
    const ask = await askerOf(t, url());
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
    const ask = await askerOf(t, url());
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
    // The server waits 20 ms before each response. One that a busy machine reads late is nearer to
    // the next, so that of several streams one has to show the gaps.
    let [stream, firstNs] = [three, 0];
    for (let attempt = 0; attempt < 5; attempt++) {
      firstNs = stream.phases['first_response_time'] ?? NaN;
      assert.ok(firstNs >= 20e6, `${firstNs}`);
      if (stream.done - stream.sent - firstNs >= 39e6) break;
      stream = await ask('infer', spec(3));
    }
    assert.ok(stream.done - stream.sent - firstNs >= 39e6, `${firstNs}`);
    const none = await ask('infer', spec(0));
    assert.deepEqual([none.outcome, none.responses], ['ok', []]);
  });
}

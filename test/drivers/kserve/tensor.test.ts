import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DatatypeName } from '../../../src/drivers/kserve/datatypes.ts';
import {
  filledTensor,
  preparedTensor,
  tensorOf,
  type Tensor,
} from '../../../src/drivers/kserve/tensor.ts';
import { misfitOf, valuesOf } from '../../../src/drivers/kserve/tensor-values.ts';

function bytesOf(tensor: Tensor): Buffer {
  const target = Buffer.alloc(tensor.byteLength + 6, 0xee);
  tensor.write(target, 3);
  assert.equal(target.toString('hex', 0, 3), 'eeeeee');
  assert.equal(target.toString('hex', 3 + tensor.byteLength), 'eeeeee');
  return target.subarray(3, 3 + tensor.byteLength);
}

function tensor(datatype: DatatypeName, shape: readonly number[], value: unknown): Tensor {
  return tensorOf({ name: 't', datatype, shape }, value);
}

const BIG = 2n ** 63n - 1n;
/** Values, and the array in which the engine holds the same bytes. */
const KINDS: readonly (readonly [DatatypeName, readonly unknown[], ArrayBufferView])[] = [
  ['BOOL', [true, false, 1, 0], Uint8Array.of(1, 0, 1, 0)],
  ['UINT8', [0, 255], Uint8Array.of(0, 255)],
  ['UINT16', [0, 65_535], Uint16Array.of(0, 65_535)],
  ['UINT32', [0, 4_294_967_295], Uint32Array.of(0, 4_294_967_295)],
  [
    'UINT64',
    [0, 2 ** 53 - 1, 2n ** 64n - 1n],
    BigUint64Array.of(0n, 2n ** 53n - 1n, 2n ** 64n - 1n),
  ],
  ['INT8', [-128, 127], Int8Array.of(-128, 127)],
  ['INT16', [-32_768, 32_767], Int16Array.of(-32_768, 32_767)],
  ['INT32', [-2_147_483_648, 2_147_483_647], Int32Array.of(-2_147_483_648, 2_147_483_647)],
  [
    'INT64',
    [-1, -(2 ** 53 - 1), 2 ** 33 + 7, BIG, -BIG],
    BigInt64Array.of(-1n, -(2n ** 53n - 1n), 2n ** 33n + 7n, BIG, -BIG),
  ],
  ['FP16', [1, -2, 0.5], Uint16Array.of(0x3c00, 0xc000, 0x3800)],
  ['BF16', [1, -2, 0.5], Uint16Array.of(0x3f80, 0xc000, 0x3f00)],
  ['FP32', [1.5, -0.1], Float32Array.of(1.5, -0.1)],
  ['FP64', [1.5, -0.1], Float64Array.of(1.5, -0.1)],
];

describe('a tensor', () => {
  for (const [datatype, values, array] of KINDS) {
    it(`of ${datatype} has the bytes of the engine’s own array, and is read back`, () => {
      const bytes = bytesOf(tensor(datatype, [values.length], values));
      const wanted = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
      assert.deepEqual(bytes, wanted);
      assert.equal(misfitOf(datatype, [values.length], bytes), undefined);
      const back = valuesOf(datatype, bytes);
      assert.deepEqual(bytesOf(tensor(datatype, [values.length], back)), wanted);
    });
  }

  it('of BYTES has each element behind its length, in UTF-8', () => {
    const bytes = bytesOf(tensor('BYTES', [3], ['a', '', 'naïve 東京']));
    const text = Buffer.from('naïve 東京');
    const wanted = Buffer.concat([
      Buffer.from([1, 0, 0, 0, 97, 0, 0, 0, 0, text.length, 0, 0, 0]),
      text,
    ]);
    assert.deepEqual(bytes, wanted);
    assert.deepEqual(valuesOf('BYTES', bytes), ['a', '', 'naïve 東京']);
    const raw = Uint8Array.of(0, 255);
    assert.deepEqual(bytesOf(tensor('BYTES', [1], raw)), Buffer.from([2, 0, 0, 0, 0, 255]));
  });

  it('takes nested lists, typed arrays, and lists of typed arrays', () => {
    const flat = bytesOf(tensor('FP32', [2, 2], [1, 2, 3, 4]));
    for (const value of [
      [
        [1, 2],
        [3, 4],
      ],
      Float32Array.of(1, 2, 3, 4),
      Float64Array.of(1, 2, 3, 4),
      Uint8Array.of(1, 2, 3, 4),
      [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      [Float32Array.of(1, 2), [3, 4]],
    ]) {
      assert.deepEqual(bytesOf(tensor('FP32', [2, 2], value)), flat);
    }
    // A part of a larger array has its own bytes alone.
    const part = Float32Array.of(9, 1, 2, 3, 4, 9).subarray(1, 5);
    assert.deepEqual(bytesOf(tensor('FP32', [4], part)), flat);
  });

  it('is filled with one value, and prepared once', () => {
    const head = { name: 't', datatype: 'INT64', shape: [2, 3] } as const;
    const wanted = bytesOf(tensor('INT64', [6], [7, 7, 7, 7, 7, 7]));
    assert.deepEqual(bytesOf(filledTensor(head, 7)), wanted);
    assert.deepEqual(bytesOf(preparedTensor(filledTensor(head, 7))), wanted);
    assert.equal(preparedTensor(filledTensor(head, 7)).json(), '[7,7,7,7,7,7]');
  });

  it('says what does not fit', () => {
    const refused = (datatype: DatatypeName, value: unknown, words: RegExp): void => {
      assert.throws(() => tensor(datatype, [1], value), words);
    };
    refused('FP32', [1, 2], /2 elements, where shape \[1\] has 1/);
    refused('INT8', 128, /128 is no INT8/);
    refused('INT32', 1.5, /1\.5 is no INT32/);
    refused('UINT64', -1, /-1 is no UINT64/);
    refused('INT64', 2n ** 63n, /9223372036854775808 is no INT64/);
    refused('INT64', 2 ** 60, /is no INT64/);
    refused('FP32', '1', /"1" is no FP32/);
    refused('BOOL', 2, /2 is no BOOL/);
    refused('BYTES', 1, /1 is no text or bytes/);
  });

  it('says which bytes are no tensor', () => {
    assert.match(misfitOf('FP32', [2], Buffer.alloc(7))!, /7 bytes, where FP32 \[2\] has 8/);
    const misfits = ['000000', '0500000061', '010000006100000000', '01000000'];
    for (const hex of misfits) {
      assert.match(misfitOf('BYTES', [1], Buffer.from(hex, 'hex'))!, /not the 1 elements/, hex);
    }
    assert.equal(misfitOf('BYTES', [1], Buffer.from('0100000061', 'hex')), undefined);
    assert.equal(misfitOf('BYTES', [0], Buffer.alloc(0)), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  bf16Bits,
  fp16Bits,
  fromBf16Bits,
  fromFp16Bits,
} from '../../../src/drivers/kserve/half-floats.ts';

/** What the engine itself makes of 16-bit floats, where it has them. */
interface HalfView extends DataView {
  setFloat16(at: number, value: number): void;
  getFloat16(at: number): number;
}

const view = new DataView(new ArrayBuffer(4)) as HalfView;

function engineBits(value: number): number {
  view.setFloat16(0, value);
  return view.getUint16(0);
}

describe('16-bit floats', () => {
  it('read every FP16 as the engine does', () => {
    for (let bits = 0; bits < 0x1_0000; bits++) {
      view.setUint16(0, bits);
      assert.ok(Object.is(fromFp16Bits(bits), view.getFloat16(0)), `bits ${bits.toString(16)}`);
    }
  });

  it('write FP16 as the engine does, rounding ties to even', () => {
    const check = (value: number): void => assert.equal(fp16Bits(value), engineBits(value));
    for (const value of [0, -0, 1, 65_504, 65_519.99, 65_520, -65_520, 2 ** -24, 2 ** -25]) {
      check(value);
    }
    for (const value of [1 + 2 ** -11, 1 + 3 * 2 ** -11, 1.5 * 2 ** -24, Infinity, NaN]) {
      check(value);
    }
    fc.assert(fc.property(fc.double({ min: -70_000, max: 70_000, noNaN: true }), check));
    fc.assert(fc.property(fc.double({ min: -1e-4, max: 1e-4, noNaN: true }), check));
  });

  it('read and write every BF16, whose bits are the upper half of a float’s', () => {
    for (let bits = 0; bits < 0x1_0000; bits++) {
      view.setUint32(0, bits * 0x1_0000);
      const value = view.getFloat32(0);
      assert.ok(Object.is(fromBf16Bits(bits), value), `bits ${bits.toString(16)}`);
      if (!Number.isNaN(value)) assert.equal(bf16Bits(value), bits);
    }
  });

  it('round to the nearer BF16, and to the even one of two', () => {
    // 1 is 0x3f80, and the next BF16 is 2^-7 more.
    assert.equal(bf16Bits(1 + 2 ** -8 - 2 ** -20), 0x3f80);
    assert.equal(bf16Bits(1 + 2 ** -8), 0x3f80);
    assert.equal(bf16Bits(1 + 2 ** -8 + 2 ** -20), 0x3f81);
    assert.equal(bf16Bits(1 + 3 * 2 ** -8), 0x3f82);
  });
});

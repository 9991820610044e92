/**
 * 16-bit floats as the 16 bits that stand in a tensor. FP16 is IEEE 754 binary16; BF16 is the upper
 * half of an IEEE 754 binary32. Both round to the nearest, ties to even.
 */

const scratch = new DataView(new ArrayBuffer(4));

/** Of the exponent and the fraction of a binary32: what a binary16 of 2^-14, its least normal, is. */
const LEAST_NORMAL_FP16 = 2 ** -14;
/** The distance of two subnormal binary16. */
const SUBNORMAL_STEP_FP16 = 2 ** -24;
/** From here on a number is nearer to infinity than to 65504, the largest binary16. */
const FP16_OVERFLOW = 65_520;

export function fp16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= FP16_OVERFLOW) return sign | 0x7c00;
  // The carry out of a fraction that rounds up is the next exponent, as the format wants it.
  if (size < LEAST_NORMAL_FP16) return sign | roundedToEven(size / SUBNORMAL_STEP_FP16);
  const exponent = exponentOf(size);
  return sign | (((exponent + 14) << 10) + roundedToEven((size / 2 ** exponent) * 1024));
}

export function fromFp16Bits(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * SUBNORMAL_STEP_FP16;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function bf16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const half = bits >>> 16;
  const rest = bits & 0xffff;
  const roundsUp = rest > 0x8000 || (rest === 0x8000 && (half & 1) === 1);
  return roundsUp ? half + 1 : half;
}

export function fromBf16Bits(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Of a normal number above 0. */
function exponentOf(size: number): number {
  scratch.setFloat32(0, size);
  const exponent = ((scratch.getUint32(0) >> 23) & 0xff) - 127;
  // Becoming a binary32 may have rounded it up to the next power of two.
  return size < 2 ** exponent ? exponent - 1 : exponent;
}

function roundedToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && (floor & 1) === 1)) return floor + 1;
  return floor;
}

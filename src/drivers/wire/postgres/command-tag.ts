const ZERO = 0x30;

/** The number at the end of a command tag, as in `UPDATE 3`; `end` is its last character. */
export function countInTag(bytes: Buffer, end: number): number {
  let count = 0;
  let scale = 1;
  for (let at = end; ; at--) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return count;
    count += digit * scale;
    scale *= 10;
  }
}

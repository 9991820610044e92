import type { HeaderField } from './static-table.ts';

/** A field written out, as a text of Latin-1 (RFC 7541 section 6.2), without Huffman coding. */
export function literalField(
  { name, value }: HeaderField,
  {
    nameIndex = 0,
    isAdded = false,
  }: { readonly nameIndex?: number | undefined; readonly isAdded?: boolean } = {},
): string {
  return literalName(name, { nameIndex, isAdded }) + literalString(value);
}

/** The part of a literal before its value: what does not change where only the value does. */
export function literalName(
  name: string,
  {
    nameIndex = 0,
    isAdded = false,
  }: { readonly nameIndex?: number | undefined; readonly isAdded?: boolean } = {},
): string {
  const head = isAdded ? encodeInteger(nameIndex, 6, 0x40) : encodeInteger(nameIndex, 4, 0);
  return nameIndex === 0 ? head + literalString(name) : head;
}

/** A string literal (section 5.2). */
export function literalString(text: string): string {
  return encodeInteger(text.length, 7, 0) + text;
}

/** Section 5.1. `flags` stand before the prefix in its byte. */
export function encodeInteger(value: number, prefixBits: number, flags: number): string {
  const most = (1 << prefixBits) - 1;
  if (value < most) return String.fromCharCode(flags | value);
  let text = String.fromCharCode(flags | most);
  let rest = value - most;
  for (; rest >= 0x80; rest >>>= 7) text += String.fromCharCode((rest & 0x7f) | 0x80);
  return text + String.fromCharCode(rest);
}

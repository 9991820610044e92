const MARKER = 'fLaC';
/** Marker, and the header of the first metadata block, which is STREAMINFO. */
const STREAM_INFO_AT = 8;
/** Within STREAMINFO: 20 bits of sample rate, 3 of channels, 5 of bits per sample, 36 of samples. */
const RATE_AT = STREAM_INFO_AT + 10;

/**
 * How long the sound of a FLAC file is, by its head (RFC 9639 section 8.2). Undefined for what is
 * no FLAC file, or does not say how many samples it has.
 */
export function flacSeconds(head: Buffer): number | undefined {
  if (head.length < RATE_AT + 8 || head.toString('latin1', 0, 4) !== MARKER) return undefined;
  const bits = head.readBigUInt64BE(RATE_AT);
  const samplesPerSecond = Number(bits >> 44n);
  const samples = Number(bits & 0xf_ffff_ffffn);
  return samplesPerSecond > 0 && samples > 0 ? samples / samplesPerSecond : undefined;
}

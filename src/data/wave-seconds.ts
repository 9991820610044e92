/** Chunks before the sound itself (`fmt `, `LIST`) fit into this in any file met so far. */
export const WAVE_HEAD_BYTES: number = 64 * 2 ** 10;

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Offset in the `fmt ` chunk: bytes that a second of sound takes. */
const BYTES_PER_SECOND_AT = 8;

/**
 * How long the sound of a WAV file is, by its head: size of the `data` chunk over bytes per second
 * (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991). Undefined for
 * what is no WAV file.
 */
export function waveSeconds(head: Buffer): number | undefined {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') {
    return undefined;
  }
  let bytesPerSecond = 0;
  let at = RIFF_HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= head.length) {
    const name = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    const body = at + CHUNK_HEADER_BYTES;
    if (name === 'fmt ' && body + BYTES_PER_SECOND_AT + 4 <= head.length) {
      bytesPerSecond = head.readUInt32LE(body + BYTES_PER_SECOND_AT);
    }
    if (name === 'data') return bytesPerSecond > 0 ? size / bytesPerSecond : undefined;
    // Chunks begin at even offsets.
    at = body + size + (size % 2);
  }
  return undefined;
}

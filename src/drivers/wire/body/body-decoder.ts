import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { HTTP1_KEPT_BODY_LIMIT_BYTES } from '../http1/limits.ts';

/** What the header Accept-Encoding says. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br, zstd';
/** A decompressed body is as large as a kept one may be, whatever it was before. */
export const DECODED_LIMIT_BYTES: number = HTTP1_KEPT_BODY_LIMIT_BYTES;
/** Codings one over the other. */
const CODINGS_LIMIT = 4;

type Decode = (bytes: Buffer) => Buffer;
const options = { maxOutputLength: DECODED_LIMIT_BYTES };

const DECODERS: Readonly<Record<string, Decode>> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes, options),
  'x-gzip': (bytes) => gunzipSync(bytes, options),
  deflate: inflate,
  br: (bytes) => brotliDecompressSync(bytes, options),
  zstd: (bytes) => zstdDecompressSync(bytes, options),
};

/** Undoes the content-codings of bodies that an expression reads (RFC 9110 section 8.4.1). */
export class BodyDecoder {
  readonly #refused: (reason: string) => void;

  /** `refused` is told why a body could not be read. */
  constructor(refused: (reason: string) => void) {
    this.#refused = refused;
  }

  /** Undefined where the body is not what its header says, or too large. */
  decode(contentEncoding: string, body: Buffer): Buffer | undefined {
    const codings = contentEncoding.toLowerCase().split(/[\s,]+/);
    if (codings.length > CODINGS_LIMIT) return this.#refuse('too many content-codings');
    let bytes = body;
    for (const coding of codings.reverse()) {
      const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
      if (decode === undefined) return this.#refuse(`content-encoding ${coding.slice(0, 20)}`);
      try {
        bytes = decode(bytes);
      } catch (error) {
        const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
        const limitMib = DECODED_LIMIT_BYTES / 2 ** 20;
        if (isTooLarge) return this.#refuse(`decompressed body over ${limitMib} MiB`);
        return this.#refuse(`body is no ${coding}`);
      }
    }
    return bytes;
  }

  #refuse(reason: string): undefined {
    this.#refused(reason);
    return undefined;
  }
}

/** Some servers leave out the zlib wrapper that the standard asks for. */
function inflate(bytes: Buffer): Buffer {
  const hasWrapper =
    bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
  return hasWrapper ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}

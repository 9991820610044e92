import { CR, LF } from './field-line.ts';
import { HTTP1_CHUNK_LINE_LIMIT_BYTES } from './limits.ts';

const SEMICOLON = 0x3b;

/** Reads on. */
export const CHUNKED_OPEN = 0;
/** The last chunk has been read; the trailer section begins. */
export const CHUNKED_TRAILERS = 1;
export const CHUNKED_FAILED = 2;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LINE_FEED = 2;
const DATA = 3;
const DATA_CARRIAGE_RETURN = 4;
const DATA_LINE_FEED = 5;

/** Where the data of a chunk goes. Returns false when the body became too large. */
export type TakeData = (bytes: Buffer, from: number, to: number) => boolean;

/** Framing of the chunked transfer coding (RFC 9112 section 7.1) up to the trailer section. */
export class ChunkedBody {
  state: number = CHUNKED_OPEN;
  /** Why it failed. */
  reason = '';

  readonly #takeData: TakeData;
  #place: number = SIZE;
  #chunkBytesLeft = 0;
  #lineBytes = 0;

  constructor(takeData: TakeData) {
    this.#takeData = takeData;
  }

  begin(): void {
    this.state = CHUNKED_OPEN;
    this.#beginSizeLine();
  }

  /** Takes what belongs to the body from `bytes[from … to)`; returns where it stopped. */
  take(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && this.state === CHUNKED_OPEN) {
      if (this.#place === DATA) at = this.#takeChunkData(bytes, at, to);
      else this.#takeFraming(bytes[at++]!);
    }
    return at;
  }

  #takeChunkData(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#chunkBytesLeft);
    this.#chunkBytesLeft -= end - from;
    if (this.#chunkBytesLeft === 0) this.#place = DATA_CARRIAGE_RETURN;
    if (!this.#takeData(bytes, from, end)) this.state = CHUNKED_FAILED;
    return end;
  }

  #takeFraming(byte: number): void {
    switch (this.#place) {
      case SIZE:
        return this.#takeSizeByte(byte);
      case EXTENSION:
        return this.#takeExtensionByte(byte);
      case SIZE_LINE_FEED:
        if (byte !== LF) return this.#fail('bad chunk size');
        if (this.#chunkBytesLeft === 0) this.state = CHUNKED_TRAILERS;
        else this.#place = DATA;
        return undefined;
      case DATA_CARRIAGE_RETURN:
        if (byte !== CR) return this.#fail('no line end after a chunk');
        this.#place = DATA_LINE_FEED;
        return undefined;
      default:
        if (byte !== LF) return this.#fail('no line end after a chunk');
        return this.#beginSizeLine();
    }
  }

  #takeSizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#chunkBytesLeft = this.#chunkBytesLeft * 16 + digit;
      if (this.#chunkBytesLeft > Number.MAX_SAFE_INTEGER) return this.#fail('bad chunk size');
      return this.#countLineByte();
    }
    if (this.#lineBytes === 0) return this.#fail('bad chunk size');
    if (byte === CR) this.#place = SIZE_LINE_FEED;
    else if (byte === SEMICOLON) this.#place = EXTENSION;
    else this.#fail('bad chunk size');
    return undefined;
  }

  #takeExtensionByte(byte: number): void {
    if (byte === CR) this.#place = SIZE_LINE_FEED;
    else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) this.#fail('bad chunk extension');
    else this.#countLineByte();
  }

  #countLineByte(): void {
    this.#lineBytes++;
    if (this.#lineBytes <= HTTP1_CHUNK_LINE_LIMIT_BYTES) return;
    this.#fail(`chunk line over ${HTTP1_CHUNK_LINE_LIMIT_BYTES} bytes`);
  }

  #beginSizeLine(): void {
    this.#place = SIZE;
    this.#chunkBytesLeft = 0;
    this.#lineBytes = 0;
  }

  #fail(reason: string): void {
    this.state = CHUNKED_FAILED;
    this.reason = reason;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x57;
  return -1;
}

import { metadataOf, statusMessageOf } from '../../wire/grpc/grpc-metadata.ts';
import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';

/** Turns the bytes of a message into what expressions read. Throws where they are no message. */
export type DecodeMessage = (bytes: Uint8Array) => unknown;

/**
 * The fields of the last answer, made when an expression asks for them. Everything is undefined
 * while there is no answer, and so is what the step did not ask to be kept.
 */
export class GrpcResult {
  code: GrpcCode | undefined;
  /** Copies of the messages, still encoded. */
  readonly kept: Buffer[] = [];
  #decode: DecodeMessage | undefined;
  #fields: readonly HeaderField[] = [];
  #trailers: readonly HeaderField[] = [];
  #messages: readonly unknown[] | undefined;

  /** The first message, or the only one. */
  get message(): unknown {
    return this.messages?.[0];
  }

  get messages(): readonly unknown[] | undefined {
    if (this.code === undefined || this.#decode === undefined) return undefined;
    this.#messages ??= this.kept.map((bytes) => decoded(this.#decode!, bytes));
    return this.#messages;
  }

  get statusMessage(): string | undefined {
    return this.code === undefined ? undefined : statusMessageOf(this.#trailers);
  }

  get metadata(): Readonly<Record<string, string>> | undefined {
    return this.code === undefined ? undefined : metadataOf(this.#fields);
  }

  get trailers(): Readonly<Record<string, string>> | undefined {
    return this.code === undefined ? undefined : metadataOf(this.#trailers);
  }

  fill(answer: {
    readonly code: GrpcCode;
    readonly fields: readonly HeaderField[];
    readonly trailers: readonly HeaderField[];
  }): void {
    this.code = answer.code;
    this.#fields = answer.fields;
    this.#trailers = answer.trailers;
  }

  /** Before the operation whose answer is to be read next. */
  clear(decode: DecodeMessage | undefined): void {
    this.code = undefined;
    this.#decode = decode;
    if (this.kept.length > 0) this.kept.length = 0;
    this.#messages = undefined;
  }
}

/** Undefined where the bytes are no such message: an expectation on it fails. */
function decoded(decode: DecodeMessage, bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

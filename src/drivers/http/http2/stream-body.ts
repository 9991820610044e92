import type { BodyTarget } from '../../wire/body/body-sender.ts';
import type { Http2Connection } from '../../wire/http2/http2-connection.ts';
import type { Http2Stream } from '../../wire/http2/http2-stream.ts';

/** Takes the pieces of a long body for a stream, each when the windows have let the last one go. */
export class StreamBody implements BodyTarget {
  readonly #connection: Http2Connection;
  readonly #stream: Http2Stream;
  #unsentBytes: number;
  #whenWritten: (() => void) | undefined;

  /** `byteLength` of all that will be written. */
  constructor(connection: Http2Connection, stream: Http2Stream, byteLength: number) {
    this.#connection = connection;
    this.#stream = stream;
    this.#unsentBytes = byteLength;
  }

  write(piece: Buffer, whenWritten: () => void): void {
    this.#unsentBytes -= piece.length;
    this.#whenWritten = whenWritten;
    this.#connection.send(this.#stream, [piece], this.#unsentBytes === 0);
  }

  /** The stream has copied what it was given. */
  drained(): void {
    const written = this.#whenWritten;
    this.#whenWritten = undefined;
    written?.();
  }
}

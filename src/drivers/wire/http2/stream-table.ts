import { FIRST_WINDOW_BYTES, LARGEST_NUMBER } from './frames.ts';
import { Http2Stream, type Http2StreamUser } from './http2-stream.ts';
import { STREAMS_LIMIT } from './limits.ts';

/** The streams of one connection, from their opening to their end. */
export class StreamTable {
  readonly #streams = new Map<number, Http2Stream>();
  #nextId = 1;
  readonly #ownLimit: number;
  readonly #lastId: number;
  #limit: number;
  #firstWindowBytes = FIRST_WINDOW_BYTES;

  /** Streams at a time, and over the life of the connection, whatever the server allows. */
  constructor({
    streamsLimit = STREAMS_LIMIT,
    requestsLimit = Number.POSITIVE_INFINITY,
  }: {
    readonly streamsLimit?: number | undefined;
    readonly requestsLimit?: number | undefined;
  } = {}) {
    this.#ownLimit = streamsLimit;
    this.#limit = streamsLimit;
    this.#lastId = Math.min(LARGEST_NUMBER, 2 * requestsLimit - 1);
  }

  get count(): number {
    return this.#streams.size;
  }

  get hasRoom(): boolean {
    return this.#streams.size < this.#limit;
  }

  /** Section 5.1.1: a connection that has used up its numbers can open no more streams. */
  get isUsedUp(): boolean {
    return this.#nextId > this.#lastId;
  }

  /** All that are open now, in the order of their opening. */
  get all(): Http2Stream[] {
    return [...this.#streams.values()];
  }

  get(streamId: number): Http2Stream | undefined {
    return this.#streams.get(streamId);
  }

  open(user: Http2StreamUser): Http2Stream {
    const stream = new Http2Stream(this.#nextId, user, this.#firstWindowBytes);
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    return stream;
  }

  drop(stream: Http2Stream): void {
    stream.isGone = true;
    this.#streams.delete(stream.id);
  }

  /** Frames of streams that were given up still come; those of streams that never were do not. */
  wasOpened(streamId: number): boolean {
    return streamId % 2 === 1 && streamId < this.#nextId;
  }

  limitTo(count: number): void {
    this.#limit = Math.min(count, this.#ownLimit);
  }

  /** Section 6.9.2: the difference counts for open streams too. */
  setFirstWindow(bytes: number): void {
    const change = bytes - this.#firstWindowBytes;
    this.#firstWindowBytes = bytes;
    for (const stream of this.#streams.values()) stream.sendWindowBytes += change;
  }
}

import { once } from 'node:events';
import { systemClock } from '../../../../src/base/time/clock.ts';
import { TurnQueue } from '../../../../src/base/time/turn-queue.ts';
import type { Connection, ConnectionUser } from '../../../../src/drivers/wire/connection.ts';
import {
  Http2Connection,
  type Http2ConnectionUser,
} from '../../../../src/drivers/wire/http2/http2-connection.ts';
import type {
  Http2Stream,
  Http2StreamUser,
  StreamFailure,
} from '../../../../src/drivers/wire/http2/http2-stream.ts';
import { SendPages } from '../../../../src/drivers/wire/http2/send-pages.ts';
import { PreparedFields } from '../../../../src/drivers/wire/http2/hpack/header-encoder.ts';
import { literalField } from '../../../../src/drivers/wire/http2/hpack/header-literal.ts';
import type { HeaderField } from '../../../../src/drivers/wire/http2/hpack/static-table.ts';
import { TcpConnection } from '../../../../src/drivers/wire/tcp/tcp-connection.ts';

/** How many bytes the next piece of a chunk has, however long the chunk is. */
export type CutBytes = () => number;

/** What came on one stream. */
export interface Answer {
  readonly headers: readonly (readonly HeaderField[])[];
  readonly body: Buffer;
  readonly failure: StreamFailure | undefined;
  readonly stream: Http2Stream;
  readonly sentNs: number;
  readonly doneNs: number;
}

/** An HTTP/2 connection of ours whose incoming bytes are cut anew. */
export class TestClient implements Http2ConnectionUser {
  readonly connection: Http2Connection;
  readonly traffic = { sentBytes: 0, receivedBytes: 0 };
  closingFailure: string | undefined | null = null;
  readonly #turns = new TurnQueue(systemClock);
  readonly #ready: Promise<void>;
  readonly #closed: Promise<void>;
  #isReady: () => void = () => {};
  #isClosed: () => void = () => {};

  constructor(port: number, cutBytes: CutBytes = () => Number.POSITIVE_INFINITY) {
    this.#ready = new Promise((resolve) => (this.#isReady = resolve));
    this.#closed = new Promise((resolve) => (this.#isClosed = resolve));
    const place = { address: '127.0.0.1', port };
    const surroundings = { clock: systemClock, turns: this.#turns };
    this.connection = new Http2Connection(
      (user) => new TcpConnection(place, cutting(user, cutBytes), surroundings),
      this,
      { clock: systemClock, pages: new SendPages(), traffic: this.traffic },
    );
  }

  ready(): void {
    this.#isReady();
  }

  roomFreed(): void {}

  closing(_connection: Http2Connection, failure: string | undefined): void {
    this.closingFailure = failure;
    this.#isClosed();
    this.#isReady();
  }

  async untilReady(): Promise<this> {
    await this.#ready;
    return this;
  }

  untilClosing(): Promise<void> {
    return this.#closed;
  }

  /** Sends one request, whole; resolves when its stream has ended, however. */
  ask(request: {
    readonly fields: PreparedFields;
    readonly varying?: readonly HeaderField[];
    readonly pieces?: readonly Buffer[];
  }): Promise<Answer> {
    const { fields, varying = [], pieces = [] } = request;
    const literals = varying.map((field) => literalField(field)).join('');
    return new Promise((resolve) => {
      const collector = new Collector(resolve);
      const parts = { fields, literals, pieces, isComplete: true };
      collector.stream = this.connection.request(parts, collector);
    });
  }
}

class Collector implements Http2StreamUser {
  stream!: Http2Stream;
  readonly #headers: (readonly HeaderField[])[] = [];
  readonly #parts: Buffer[] = [];
  readonly #resolve: (answer: Answer) => void;
  #sentNs = Number.NaN;

  constructor(resolve: (answer: Answer) => void) {
    this.#resolve = resolve;
  }

  sent(stampNs: number): void {
    this.#sentNs = stampNs;
  }

  headers(fields: readonly HeaderField[], isLast: boolean, stampNs: number): void {
    this.#headers.push(fields);
    if (isLast) this.#done(undefined, stampNs);
  }

  data(bytes: Buffer, from: number, to: number): void {
    this.#parts.push(Buffer.from(bytes.subarray(from, to)));
  }

  ended(stampNs: number): void {
    this.#done(undefined, stampNs);
  }

  failed(failure: StreamFailure, stampNs: number): void {
    this.#done(failure, stampNs);
  }

  #done(failure: StreamFailure | undefined, doneNs: number): void {
    this.#resolve({
      headers: this.#headers,
      body: Buffer.concat(this.#parts),
      failure,
      stream: this.stream,
      sentNs: this.#sentNs,
      doneNs,
    });
  }
}

function cutting(user: ConnectionUser, cutBytes: CutBytes): ConnectionUser {
  return {
    connected: (connection, stampNs) => user.connected(connection, stampNs),
    received(connection: Connection, bytes, from, to, stampNs) {
      for (let at = from; at < to;) {
        const end = Math.min(to, at + Math.max(cutBytes(), 1));
        // A piece of its own, so that a reader which looks beyond its end is found out.
        const piece = Buffer.from(bytes.subarray(at, end));
        user.received(connection, piece, 0, piece.length, stampNs);
        at = end;
      }
    },
    ended: (connection, stampNs) => user.ended(connection, stampNs),
  };
}

export function requestFields(method: string, path: string, others: HeaderField[] = []) {
  return new PreparedFields([
    { name: ':method', value: method },
    { name: ':scheme', value: 'http' },
    { name: ':authority', value: 'localhost' },
    { name: ':path', value: path },
    ...others,
  ]);
}

export async function portOf(server: {
  listen(port: number, host: string): unknown;
  address(): unknown;
  once(name: 'listening', listener: () => void): unknown;
}): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server as never, 'listening');
  return (server.address() as { port: number }).port;
}

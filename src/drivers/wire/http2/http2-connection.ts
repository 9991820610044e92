import type { Clock } from '../../../base/time/clock.ts';
import type { Connection, ConnectionUser } from '../connection.ts';
import {
  CLIENT_PREFACE,
  errorName,
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  HTTP2_ERROR,
  LARGEST_NUMBER,
  SETTING,
  type Http2ErrorName,
} from './frames.ts';
import type { HeaderBlock } from './header-blocks.ts';
import { HeaderEncoder, type PreparedFields } from './hpack/header-encoder.ts';
import type { Http2Stream, Http2StreamUser, StreamFailure } from './http2-stream.ts';
import {
  FIRST_CREDIT_BYTES,
  IncomingFrames,
  type IncomingUser,
  type SharedTraffic,
} from './incoming-frames.ts';
import {
  FRAME_LIMIT_BYTES,
  OUTGOING_LIMIT_BYTES,
  REPLIES_LIMIT,
  STREAM_WINDOW_BYTES,
  WRITE_BATCH_REQUESTS,
} from './limits.ts';
import { FrameWriter, type SendPages } from './send-pages.ts';
import { StreamSender } from './stream-sender.ts';
import { StreamTable } from './stream-table.ts';

/** Who uses a connection: told of what concerns all its streams. */
export interface Http2ConnectionUser {
  /** The server's SETTINGS have come: streams may be opened. */
  ready(connection: Http2Connection, stampNs: number): void;
  /** A stream ended, or the server allows more of them. */
  roomFreed(connection: Http2Connection, stampNs: number): void;
  /** No stream can be opened any more. `failure` is missing where the server closed it in order. */
  closing(connection: Http2Connection, failure: string | undefined, stampNs: number): void;
}

export interface Http2Surroundings {
  readonly clock: Clock;
  readonly pages: SendPages;
  readonly traffic: SharedTraffic;
  /** Streams at a time, at most; the server may allow fewer. */
  readonly streamsLimit?: number | undefined;
  /** Streams over its whole life, at most. */
  readonly requestsLimit?: number | undefined;
}

/** One request as it is sent. */
export interface Http2Request {
  /** What stands before `fields`, as literals of a header block: pseudo-fields that differ. */
  readonly leading?: string;
  readonly fields: PreparedFields;
  /** Fields that differ from those of other requests, as literals of a header block. */
  readonly literals: string;
  readonly pieces: readonly Buffer[];
  /** Nothing follows the pieces. */
  readonly isComplete: boolean;
}

/**
 * The client's side of one HTTP/2 connection (RFC 9113), over TCP or TLS. Requests that are made
 * while answers are read go out together, a few with each write, which is most of what a request
 * over many streams costs; others are written at once.
 */
export class Http2Connection implements ConnectionUser, IncomingUser {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #traffic: SharedTraffic;
  readonly #user: Http2ConnectionUser;
  readonly #streams: StreamTable;
  readonly #incoming: IncomingFrames;
  readonly #writer: FrameWriter;
  readonly #sender: StreamSender;
  readonly #encoder = new HeaderEncoder();
  /** Written since the last flush, whose users have not been told. */
  readonly #unsent: Http2Stream[] = [];

  #isReady = false;
  /** Takes no streams any more. */
  #isClosing = false;
  #isOver = false;
  #isReading = false;
  #stampNs = 0;
  #lastTakenId = LARGEST_NUMBER;
  #replies = 0;

  constructor(
    connectTo: (user: ConnectionUser) => Connection,
    user: Http2ConnectionUser,
    { clock, pages, traffic, streamsLimit, requestsLimit }: Http2Surroundings,
  ) {
    this.#clock = clock;
    this.#traffic = traffic;
    this.#user = user;
    this.#streams = new StreamTable({ streamsLimit, requestsLimit });
    this.#incoming = new IncomingFrames(this, this.#streams, traffic);
    this.#writer = new FrameWriter(pages);
    this.#sender = new StreamSender(this.#writer);
    this.#connection = connectTo(this);
  }

  /** Streams may be opened, now or when others have ended. */
  get isOpen(): boolean {
    return this.#isReady && !this.#isClosing && !this.#connection.hasEnded;
  }

  /** Whether a request would be written at once. */
  get hasRoom(): boolean {
    return this.isOpen && this.#streams.hasRoom;
  }

  get openStreams(): number {
    return this.#streams.count;
  }

  /** The server lets us open none, and none is open whose end could change that. */
  get isHeldUp(): boolean {
    return this.isOpen && !this.#streams.hasRoom && this.#streams.count === 0;
  }

  /** What securing the connection took; NaN without TLS. */
  get handshakeNs(): number {
    return this.#connection.handshakeNs;
  }

  /** True when more bytes have arrived than have been read. */
  get hasMore(): boolean {
    return this.#connection.hasMore;
  }

  /** Opens a stream; only while `hasRoom`. */
  request(request: Http2Request, user: Http2StreamUser): Http2Stream {
    const stream = this.#streams.open(user);
    stream.add(request.pieces, request.isComplete);
    this.#writeHeaders(stream, request);
    this.#sender.send(stream);
    this.#unsent.push(stream);
    if (this.#streams.isUsedUp) this.#close(undefined);
    this.#written();
    return stream;
  }

  /** Sends more of a request. */
  send(stream: Http2Stream, pieces: readonly Buffer[], isComplete: boolean): void {
    if (stream.isGone) return;
    stream.add(pieces, isComplete);
    this.#sender.send(stream);
    this.#written();
  }

  /** Gives a stream up: the server is told, and its user hears no more of it. */
  cancel(stream: Http2Stream, code: Http2ErrorName = 'CANCEL'): void {
    if (stream.isGone) return;
    this.#drop(stream);
    this.#reset(stream, code);
    this.#written();
    this.#afterStream(this.#clock.nowNs());
  }

  /** Closes it at once. Whoever has a stream on it hears no more of it. */
  destroy(): void {
    this.#isClosing = true;
    this.#isOver = true;
    this.#incoming.stop();
    for (const stream of this.#streams.all) this.#drop(stream);
    this.#connection.destroy();
  }

  connected(connection: Connection): void {
    const settings = [
      [SETTING.ENABLE_PUSH, 0],
      [SETTING.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
      [SETTING.MAX_FRAME_SIZE, FRAME_LIMIT_BYTES],
    ] as const;
    this.#writer.plain(CLIENT_PREFACE);
    this.#writer.settings(settings);
    this.#writer.numberFrame(FRAME.WINDOW_UPDATE, 0, FIRST_CREDIT_BYTES);
    const frameBytes = 2 * FRAME_HEAD_BYTES + settings.length * 6 + 4;
    this.#traffic.sentBytes += CLIENT_PREFACE.length + frameBytes;
    this.#writer.flush(connection, this.#wasWritten);
  }

  received(_: Connection, bytes: Buffer, from: number, to: number, stampNs: number): void {
    this.#stampNs = stampNs;
    this.#isReading = true;
    try {
      this.#incoming.take(bytes, from, to);
    } finally {
      this.#isReading = false;
    }
    if (!this.#isOver) this.#flush();
  }

  ended({ failure }: Connection, stampNs: number): void {
    this.#stampNs = stampNs;
    this.#end({ kind: 'lost', reason: failure ?? 'connection closed' }, failure);
  }

  headersOf(stream: Http2Stream, { fields, isLast }: HeaderBlock): void {
    if (isLast) this.#finish(stream);
    stream.user.headers(fields, isLast, this.#stampNs);
    if (isLast) this.#afterStream(this.#stampNs);
  }

  dataOf(stream: Http2Stream, bytes: Buffer, from: number, to: number): void {
    stream.user.data(bytes, from, to, this.#stampNs);
  }

  endOf(stream: Http2Stream): void {
    this.#finish(stream);
    stream.user.ended(this.#stampNs);
    this.#afterStream(this.#stampNs);
  }

  resetOf(stream: Http2Stream, errorCode: number): void {
    const code = errorName(errorCode);
    this.#drop(stream);
    stream.user.failed({ kind: 'reset', code, reason: `stream reset: ${code}` }, this.#stampNs);
    this.#afterStream(this.#stampNs);
  }

  settings(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to && !this.#isOver; at += 6) {
      this.#setting(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    }
    this.#reply(FRAME.SETTINGS, EMPTY);
    if (this.#isOver) return;
    this.#sender.resume();
    const isFirst = !this.#isReady;
    this.#isReady = true;
    if (isFirst) this.#user.ready(this, this.#stampNs);
    else this.#user.roomFreed(this, this.#stampNs);
  }

  ping(payload: Buffer): void {
    this.#reply(FRAME.PING, payload);
  }

  /** Section 6.8: streams above the last one that the server took were never looked at. */
  goAway(lastId: number, errorCode: number): void {
    const code = errorName(errorCode);
    const reason = `server going away: ${code}`;
    this.#lastTakenId = Math.min(this.#lastTakenId, lastId & LARGEST_NUMBER);
    this.#close(code === 'NO_ERROR' ? undefined : reason);
    for (const stream of this.#streams.all) {
      if (stream.id <= this.#lastTakenId || stream.isGone) continue;
      this.#drop(stream);
      stream.user.failed({ kind: 'refused', code, reason }, this.#stampNs);
    }
    this.#endIfUnused();
  }

  windowGrew(stream: Http2Stream | undefined, bytes: number): void {
    let isSound: boolean;
    if (stream === undefined) isSound = this.#sender.credit(bytes);
    else isSound = (stream.sendWindowBytes += bytes) <= LARGEST_NUMBER;
    if (!isSound) this.refused('a window larger than any may be', 'FLOW_CONTROL_ERROR');
    else if (this.#sender.hasBlocked) this.#sender.resume();
  }

  credit(stream: Http2Stream | undefined, bytes: number): void {
    this.#writer.numberFrame(FRAME.WINDOW_UPDATE, stream?.id ?? 0, bytes);
    const frameBytes = FRAME_HEAD_BYTES + 4;
    if (stream === undefined) this.#traffic.sentBytes += frameBytes;
    else stream.bytesSent += frameBytes;
  }

  refused(reason: string, code: Http2ErrorName): void {
    if (this.#isOver) return;
    this.#writer.head({ type: FRAME.GOAWAY, flags: 0, streamId: 0, length: 8 });
    this.#writer.number(0);
    this.#writer.number(HTTP2_ERROR[code]);
    this.#traffic.sentBytes += FRAME_HEAD_BYTES + 8;
    this.#flush();
    this.#end({ kind: 'protocol', reason }, reason);
  }

  #setting(id: number, value: number): void {
    if (id === SETTING.HEADER_TABLE_SIZE) this.#encoder.limitTable(value);
    else if (id === SETTING.MAX_CONCURRENT_STREAMS) this.#streams.limitTo(value);
    else if (id === SETTING.MAX_FRAME_SIZE) this.#sender.limitFrames(value);
    else if (id === SETTING.INITIAL_WINDOW_SIZE && value > LARGEST_NUMBER) {
      this.refused('a window larger than any may be', 'FLOW_CONTROL_ERROR');
    } else if (id === SETTING.INITIAL_WINDOW_SIZE) this.#streams.setFirstWindow(value);
  }

  #reply(type: number, payload: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#writer.waitingBytes > OUTGOING_LIMIT_BYTES && ++this.#replies > REPLIES_LIMIT) {
      this.refused('a flood of PING or SETTINGS', 'ENHANCE_YOUR_CALM');
      return;
    }
    this.#writer.acknowledge(type, payload);
    this.#traffic.sentBytes += FRAME_HEAD_BYTES + payload.length;
  }

  #close(failure: string | undefined): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#user.closing(this, failure, this.#stampNs);
  }

  #end(failure: StreamFailure, reason: string | undefined): void {
    if (this.#isOver) return;
    // First of all: whoever uses it asks how many streams hear of the failure themselves.
    this.#close(reason);
    const open = this.#streams.all;
    this.destroy();
    for (const stream of open) stream.user.failed(failure, this.#stampNs);
  }

  /** The server has ended it. What we have not sent yet, it does not want any more. */
  #finish(stream: Http2Stream): void {
    this.#drop(stream);
    if (!stream.isSendClosed) this.#reset(stream, 'NO_ERROR');
  }

  #drop(stream: Http2Stream): void {
    this.#streams.drop(stream);
    if (this.#sender.hasBlocked) this.#sender.forget(stream);
  }

  #reset(stream: Http2Stream, code: Http2ErrorName): void {
    this.#writer.numberFrame(FRAME.RST_STREAM, stream.id, HTTP2_ERROR[code]);
    // Its operation has ended.
    this.#traffic.sentBytes += FRAME_HEAD_BYTES + 4;
  }

  #afterStream(stampNs: number): void {
    if (this.#isClosing) this.#endIfUnused();
    else this.#user.roomFreed(this, stampNs);
  }

  #endIfUnused(): void {
    if (this.#streams.count > 0 || this.#isOver) return;
    this.#flush();
    this.destroy();
  }

  /** A request without a body ends with its head, which then is all of it. */
  #writeHeaders(stream: Http2Stream, { leading = '', fields, literals }: Http2Request): void {
    const opening = this.#encoder.takeSizeUpdate() + leading;
    const block = this.#encoder.encode(fields);
    const length = opening.length + block.length + literals.length;
    const isLast = stream.isComplete && stream.waitingBytes === 0;
    if (isLast) stream.isSendClosed = true;
    const flags = isLast ? FLAG.END_STREAM : 0;
    if (length <= this.#sender.frameBytes) {
      const whole = flags | FLAG.END_HEADERS;
      this.#writer.head({ type: FRAME.HEADERS, flags: whole, streamId: stream.id, length });
      if (opening !== '') this.#writer.text(opening);
      this.#writer.bytes(block);
      if (literals !== '') this.#writer.text(literals);
      stream.bytesSent += FRAME_HEAD_BYTES + length;
    } else {
      const [before, after] = [opening, literals].map((text) => Buffer.from(text, 'latin1'));
      this.#writeLongHeaders(stream, Buffer.concat([before!, block, after!]), flags);
    }
  }

  /** `firstFlags` are of the HEADERS frame alone (section 6.10). */
  #writeLongHeaders(stream: Http2Stream, block: Buffer, firstFlags: number): void {
    const { frameBytes } = this.#sender;
    for (let at = 0; at < block.length; at += frameBytes) {
      const part = block.subarray(at, at + frameBytes);
      const ends = at + part.length === block.length ? FLAG.END_HEADERS : 0;
      const type = at === 0 ? FRAME.HEADERS : FRAME.CONTINUATION;
      const flags = at === 0 ? ends | firstFlags : ends;
      this.#writer.head({ type, flags, streamId: stream.id, length: part.length });
      this.#writer.bytes(part);
      stream.bytesSent += FRAME_HEAD_BYTES + part.length;
    }
  }

  /** While answers are read, what is asked meanwhile goes out together. */
  #written(): void {
    if (!this.#isReading || this.#unsent.length >= WRITE_BATCH_REQUESTS) this.#flush();
  }

  #flush(): void {
    if (this.#writer.isEmpty) return;
    if (this.#unsent.length > 0) {
      const nowNs = this.#clock.nowNs();
      for (const stream of this.#unsent) if (!stream.isGone) stream.user.sent(nowNs);
      this.#unsent.length = 0;
    }
    this.#writer.flush(this.#connection, this.#wasWritten);
  }

  /** The socket took what had to wait. */
  readonly #wasWritten = (): void => {
    if (this.#isOver) return;
    this.#replies = 0;
    if (!this.#sender.hasBlocked) return;
    this.#sender.resume();
    this.#flush();
  };
}

const EMPTY = Buffer.alloc(0);

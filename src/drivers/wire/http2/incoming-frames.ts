import { FrameReader, type FrameHandler, type FrameHead } from './frame-reader.ts';
import {
  FIRST_WINDOW_BYTES,
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  LARGEST_NUMBER,
  type Http2ErrorName,
} from './frames.ts';
import { HeaderBlocks, type HeaderBlock } from './header-blocks.ts';
import type { Http2Stream } from './http2-stream.ts';
import { CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from './limits.ts';
import type { StreamTable } from './stream-table.ts';

/** Bytes of frames that belong to no operation; whoever ends next takes them over. */
export interface SharedTraffic {
  sentBytes: number;
  receivedBytes: number;
}

/** Whatever is wrong before the first SETTINGS: servers of other protocols answer in theirs. */
const NOT_SPOKEN = 'no HTTP/2 spoken there';

/** What the frames of a server mean, once they are known to be sound. */
export interface IncomingUser {
  headersOf(stream: Http2Stream, block: HeaderBlock): void;
  dataOf(stream: Http2Stream, bytes: Buffer, from: number, to: number): void;
  /** The server ended the stream with a DATA frame. */
  endOf(stream: Http2Stream): void;
  resetOf(stream: Http2Stream, errorCode: number): void;
  settings(bytes: Buffer, from: number, to: number): void;
  ping(payload: Buffer): void;
  goAway(lastId: number, errorCode: number): void;
  /** `stream` is missing for the connection's own window. */
  windowGrew(stream: Http2Stream | undefined, bytes: number): void;
  /** What came on a stream, or on all, is to be credited: half of its window is used. */
  credit(stream: Http2Stream | undefined, bytes: number): void;
  /** The server breaks the rules, or goes beyond a limit: the connection has to end. */
  refused(reason: string, code: Http2ErrorName): void;
}

/** Reads what a server sends: checks each frame and counts its bytes for the stream they are of. */
export class IncomingFrames implements FrameHandler {
  readonly #user: IncomingUser;
  readonly #streams: StreamTable;
  readonly #traffic: SharedTraffic;
  readonly #reader = new FrameReader(this);
  readonly #blocks = new HeaderBlocks();
  /** The first frame of a server is SETTINGS (section 3.4). */
  #hasBegun = false;
  /** Received on the whole connection and not yet credited. */
  #uncreditedBytes = 0;
  /** Of the DATA frame that is being read. */
  #dataStream: Http2Stream | undefined;
  #dataIsLast = false;

  constructor(user: IncomingUser, streams: StreamTable, traffic: SharedTraffic) {
    this.#user = user;
    this.#streams = streams;
    this.#traffic = traffic;
  }

  take(bytes: Buffer, from: number, to: number): void {
    this.#reader.take(bytes, from, to);
  }

  /** Nothing more is read; what is left of a frame that was cut off is counted. */
  stop(): void {
    this.#reader.stop();
    this.#traffic.receivedBytes += this.#reader.takeWaiting();
  }

  frame(head: FrameHead, bytes: Buffer, from: number): void {
    const stream = this.#count(head.streamId, FRAME_HEAD_BYTES + head.length);
    if (this.#isInOrder(head.type)) this.#take({ head, stream }, bytes, from);
  }

  dataBegins({ streamId, flags, length }: FrameHead): void {
    const stream = this.#count(streamId, FRAME_HEAD_BYTES);
    if (this.#isInOrder(FRAME.DATA)) this.#beginData({ streamId, stream, flags, length });
  }

  data(bytes: Buffer, from: number, to: number): void {
    const stream = this.#dataStream;
    if (stream === undefined) {
      this.#traffic.receivedBytes += to - from;
      return;
    }
    stream.bytesReceived += to - from;
    if (!stream.isGone) this.#user.dataOf(stream, bytes, from, to);
  }

  dataEnds(): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    if (stream === undefined || stream.isGone) return;
    if (this.#dataIsLast) this.#user.endOf(stream);
    else if (stream.uncreditedBytes >= STREAM_WINDOW_BYTES / 2) {
      this.#user.credit(stream, stream.uncreditedBytes);
      stream.uncreditedBytes = 0;
    }
  }

  refused(reason: string, code: Http2ErrorName = 'PROTOCOL_ERROR'): void {
    this.#user.refused(this.#hasBegun ? reason : NOT_SPOKEN, code);
  }

  #count(streamId: number, bytes: number): Http2Stream | undefined {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) this.#traffic.receivedBytes += bytes;
    else stream.bytesReceived += bytes;
    return stream;
  }

  /** Section 6.10: nothing comes between the frames of a header block. */
  #isInOrder(type: number): boolean {
    if (!this.#hasBegun && type !== FRAME.SETTINGS) this.refused(NOT_SPOKEN);
    else if (this.#blocks.isOpen !== (type === FRAME.CONTINUATION)) {
      this.refused('header frames out of order');
    } else return true;
    return false;
  }

  #take({ head, stream }: FrameOfStream, bytes: Buffer, from: number): void {
    const { type, flags, streamId, length } = head;
    const isAck = (flags & FLAG.ACK) !== 0;
    switch (type) {
      case FRAME.DATA:
        this.#paddedData({ head, stream }, bytes, from);
        return;
      case FRAME.HEADERS:
      case FRAME.CONTINUATION:
        this.#headerFrame(head, bytes, from);
        return;
      case FRAME.RST_STREAM:
        if (this.#isOfLength(head, length === 4) && this.#isKnown(streamId)) {
          if (stream !== undefined) this.#user.resetOf(stream, bytes.readUInt32BE(from));
        }
        return;
      case FRAME.SETTINGS:
        if (!this.#isOfLength(head, length % 6 === 0 && streamId === 0) || isAck) return;
        this.#hasBegun = true;
        this.#user.settings(bytes, from, from + length);
        return;
      case FRAME.PING:
        if (!this.#isOfLength(head, length === 8 && streamId === 0) || isAck) return;
        this.#user.ping(bytes.subarray(from, from + length));
        return;
      case FRAME.GOAWAY:
        if (!this.#isOfLength(head, length >= 8 && streamId === 0)) return;
        this.#user.goAway(bytes.readUInt32BE(from), bytes.readUInt32BE(from + 4));
        return;
      case FRAME.WINDOW_UPDATE:
        if (this.#isOfLength(head, length === 4)) {
          this.#windowUpdate({ head, stream }, bytes.readUInt32BE(from) & LARGEST_NUMBER);
        }
        return;
      case FRAME.PUSH_PROMISE:
        this.refused('a push that nobody allowed');
        return;
      default:
      // Section 4.1: frames of other types are to be ignored; so are priorities.
    }
  }

  #headerFrame(head: FrameHead, bytes: Buffer, from: number): void {
    const failure = this.#blocks.take(head, bytes, from);
    if (failure !== undefined) {
      this.refused(failure.reason, failure.code);
      return;
    }
    const { complete } = this.#blocks;
    if (complete === undefined || !this.#isKnown(complete.streamId)) return;
    const stream = this.#streams.get(complete.streamId);
    if (stream !== undefined) this.#user.headersOf(stream, complete);
  }

  /** Its bytes have been counted with the frame. */
  #paddedData({ head, stream }: FrameOfStream, bytes: Buffer, from: number): void {
    const { streamId, flags, length } = head;
    const paddingBytes = length === 0 ? 1 : bytes[from]! + 1;
    if (paddingBytes > length) {
      this.refused('padding longer than its frame');
      return;
    }
    this.#beginData({ streamId, stream, flags, length });
    const to = from + 1 + length - paddingBytes;
    if (stream !== undefined && !stream.isGone && to > from + 1) {
      this.#user.dataOf(stream, bytes, from + 1, to);
    }
    this.dataEnds();
  }

  #beginData(frame: {
    readonly streamId: number;
    readonly stream: Http2Stream | undefined;
    readonly flags: number;
    readonly length: number;
  }): void {
    const { streamId, stream, flags, length } = frame;
    this.#dataStream = stream;
    this.#dataIsLast = (flags & FLAG.END_STREAM) !== 0;
    if (!this.#isKnown(streamId)) return;
    this.#uncreditedBytes += length;
    if (stream !== undefined) stream.uncreditedBytes += length;
    const ofStream = stream?.uncreditedBytes ?? 0;
    if (this.#uncreditedBytes > CONNECTION_WINDOW_BYTES || ofStream > STREAM_WINDOW_BYTES) {
      this.refused('more than its window allows', 'FLOW_CONTROL_ERROR');
    } else if (this.#uncreditedBytes >= CONNECTION_WINDOW_BYTES / 2) {
      this.#user.credit(undefined, this.#uncreditedBytes);
      this.#uncreditedBytes = 0;
    }
  }

  #windowUpdate({ head, stream }: FrameOfStream, bytes: number): void {
    const isOfAll = head.streamId === 0;
    if (bytes === 0) this.refused('a bad WINDOW_UPDATE');
    else if (isOfAll) this.#user.windowGrew(undefined, bytes);
    else if (this.#isKnown(head.streamId) && stream !== undefined) {
      this.#user.windowGrew(stream, bytes);
    }
  }

  #isKnown(streamId: number): boolean {
    if (this.#streams.wasOpened(streamId)) return true;
    this.refused('a frame of a stream that nobody opened');
    return false;
  }

  #isOfLength({ type }: FrameHead, isRight: boolean): boolean {
    if (!isRight) this.refused(`a bad frame of type ${type}`, 'FRAME_SIZE_ERROR');
    return isRight;
  }
}

interface FrameOfStream {
  readonly head: FrameHead;
  /** Missing where it is gone, or the frame is of the whole connection. */
  readonly stream: Http2Stream | undefined;
}

/** Added to what both sides begin with. */
export const FIRST_CREDIT_BYTES: number = CONNECTION_WINDOW_BYTES - FIRST_WINDOW_BYTES;

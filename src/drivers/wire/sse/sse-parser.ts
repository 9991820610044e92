import { KeptBytes } from '../http1/kept-bytes.ts';
import { SSE_EVENT_LIMIT_BYTES } from './limits.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
/** The byte order mark in UTF-8. */
const MARK = Buffer.of(0xef, 0xbb, 0xbf);
const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');

/** The data of one event, its lines joined by LF; the bytes are gone when it returns. */
export type TakeEvent = (bytes: Buffer, from: number, to: number) => void;

/**
 * Reads server-sent events from the pieces in which they arrive, cut anywhere (HTML standard,
 * section 9.2.6). An event of one data line that lies in one piece is handed on where it lies;
 * nothing is made into text. What a reader does not need is passed over: id, retry, comments.
 */
export class SseParser {
  /** Why the stream was refused; empty while it is not. Nothing is read after that. */
  reason = '';
  /** Comments, which servers send to keep a connection open. */
  comments = 0;

  readonly #takeEvent: TakeEvent;
  /** A line that was not complete when its piece ended. */
  readonly #line = new KeptBytes();
  /** Data that could not be handed on where it lay. */
  readonly #data = new KeptBytes();
  readonly #type = new KeptBytes();
  #dataLines = 0;
  /** The single data line of this event, where it lies in the piece that is being read. */
  #lyingFrom = -1;
  #lyingTo = -1;
  #lastWasCr = false;
  /** Bytes of the mark that have been seen; Infinity once the stream has begun. */
  #markBytes = 0;

  constructor(takeEvent: TakeEvent) {
    this.#takeEvent = takeEvent;
  }

  /** What the event says it is, while it is handed on; empty where it says nothing. */
  get type(): string {
    return this.#type.length === 0 ? '' : this.#type.utf8();
  }

  /** True while an event has begun and has not been ended by an empty line. */
  get isWithinEvent(): boolean {
    return this.#dataLines > 0 || this.#line.length > 0 || this.#type.length > 0;
  }

  /** Gets ready for another stream. */
  begin(): void {
    this.reason = '';
    this.comments = 0;
    this.#line.clear();
    this.#lastWasCr = false;
    this.#markBytes = 0;
    this.#beginEvent();
  }

  take(bytes: Buffer, from: number, to: number): void {
    // A view of the piece alone: searching for a line end must not run on into other bytes.
    const piece = bytes.subarray(from, to);
    const { length } = piece;
    let at = this.#markBytes === Number.POSITIVE_INFINITY ? 0 : this.#takeMark(piece);
    if (this.#lastWasCr && at < length) {
      this.#lastWasCr = false;
      if (piece[at] === LF) at++;
    }
    let nextCr = -1;
    while (at < length && this.reason === '') {
      if (nextCr < at) nextCr = positionOf(CR, piece, at);
      const lineEnd = Math.min(nextCr, positionOf(LF, piece, at));
      if (lineEnd === length) {
        this.#keepLine(piece, at, length);
        break;
      }
      this.#takeLine(piece, at, lineEnd);
      at = lineEnd + 1;
      if (lineEnd !== nextCr) continue;
      if (at === length) this.#lastWasCr = true;
      else if (piece[at] === LF) at++;
    }
    if (this.#lyingFrom !== -1) this.#keepLying(piece);
  }

  /** A mark at the very beginning is no part of the first line. */
  #takeMark(piece: Buffer): number {
    let at = 0;
    while (at < piece.length && this.#markBytes < MARK.length) {
      if (piece[at] !== MARK[this.#markBytes]) {
        // What looked like a mark is the beginning of the first line.
        this.#line.append(MARK, 0, this.#markBytes);
        this.#markBytes = Number.POSITIVE_INFINITY;
        return at;
      }
      this.#markBytes++;
      at++;
    }
    if (this.#markBytes === MARK.length) this.#markBytes = Number.POSITIVE_INFINITY;
    return at;
  }

  #keepLine(bytes: Buffer, from: number, to: number): void {
    if (this.#line.length + to - from > SSE_EVENT_LIMIT_BYTES) this.#refuse();
    else this.#line.append(bytes, from, to);
  }

  /** The line ends at `to`; it may have begun in pieces before. */
  #takeLine(bytes: Buffer, from: number, to: number): void {
    if (this.#line.length === 0) {
      this.#takeWholeLine(bytes, from, to, true);
      return;
    }
    this.#keepLine(bytes, from, to);
    if (this.reason !== '') return;
    this.#takeWholeLine(this.#line.bytes, 0, this.#line.length, false);
    this.#line.clear();
  }

  /** `lies`: the bytes stay where they are until the end of the piece. */
  #takeWholeLine(bytes: Buffer, from: number, to: number, lies: boolean): void {
    if (from === to) {
      this.#endEvent(bytes);
    } else if (bytes[from] === COLON) {
      this.comments++;
    } else if (isField(DATA, bytes, from, to)) {
      this.#takeData(bytes, valueFrom(bytes, from + DATA.length, to), to, lies);
    } else if (isField(EVENT, bytes, from, to)) {
      this.#type.clear();
      this.#type.append(bytes, valueFrom(bytes, from + EVENT.length, to), to);
    }
  }

  #takeData(bytes: Buffer, from: number, to: number, lies: boolean): void {
    this.#dataLines++;
    if (this.#dataLines === 1 && lies) {
      this.#lyingFrom = from;
      this.#lyingTo = to;
      return;
    }
    if (this.#lyingFrom !== -1) this.#keepLying(bytes);
    if (this.#data.length + to - from >= SSE_EVENT_LIMIT_BYTES) {
      this.#refuse();
      return;
    }
    if (this.#dataLines > 1) this.#data.append(LINE_FEED, 0, 1);
    this.#data.append(bytes, from, to);
  }

  #keepLying(bytes: Buffer): void {
    this.#data.append(bytes, this.#lyingFrom, this.#lyingTo);
    this.#lyingFrom = -1;
  }

  #endEvent(bytes: Buffer): void {
    if (this.#lyingFrom !== -1) this.#takeEvent(bytes, this.#lyingFrom, this.#lyingTo);
    else if (this.#dataLines > 0) this.#takeEvent(this.#data.bytes, 0, this.#data.length);
    this.#beginEvent();
  }

  #beginEvent(): void {
    this.#dataLines = 0;
    this.#lyingFrom = -1;
    if (this.#data.length !== 0) this.#data.clear();
    if (this.#type.length !== 0) this.#type.clear();
  }

  #refuse(): void {
    this.reason = `event over ${SSE_EVENT_LIMIT_BYTES / 2 ** 20} MiB`;
  }
}

const LINE_FEED = Buffer.from('\n');

/** The length of the piece where there is none. */
function positionOf(byte: number, piece: Buffer, from: number): number {
  const at = piece.indexOf(byte, from);
  return at === -1 ? piece.length : at;
}

/** Whether a line has this field: its name is followed by a colon, or is all of it. */
function isField(name: Buffer, bytes: Buffer, from: number, to: number): boolean {
  const end = from + name.length;
  if (end > to || (end < to && bytes[end] !== COLON)) return false;
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

/** Behind the name at `nameEnd`: without the colon and one space. */
function valueFrom(bytes: Buffer, nameEnd: number, to: number): number {
  const from = Math.min(nameEnd + 1, to);
  return from < to && bytes[from] === SPACE ? from + 1 : from;
}

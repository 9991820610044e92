/** A head longer than this is no request that a null server has to take. */
const longestHeadBytes = 65_536;

/** What a connection has sent, as far as a null server wants to know. */
export interface FramedRequests {
  /** Whole requests that were answered by none of the calls before. */
  readonly count: number;
  /** One of them is a HEAD, which is answered without a body; it stands alone in its call. */
  readonly isHead: boolean;
  /** The client wants the connection closed after the answer. */
  readonly closes: boolean;
}

/** Thrown for bytes that are no request this server can frame. */
export class NotFramed extends Error {}

/**
 * Finds where requests end in the bytes of one connection: the empty line behind the head, and as
 * many bytes of body as `content-length` says. It looks at nothing else but HEAD and `connection:
 * close`, so that answering costs less than asking.
 */
export class RequestFramer {
  /** The beginning of a head, from chunks before. */
  #head = '';
  #bodyBytesLeft = 0;
  #pending: { isHead: boolean; closes: boolean } | undefined;

  push(chunk: Buffer): FramedRequests {
    let count = 0;
    let isHead = false;
    let closes = false;
    let at = 0;
    while (at < chunk.length) {
      if (this.#pending === undefined) {
        at = this.#readHead(chunk, at);
        if (this.#pending === undefined) break;
      }
      const taken = Math.min(this.#bodyBytesLeft, chunk.length - at);
      at += taken;
      this.#bodyBytesLeft -= taken;
      if (this.#bodyBytesLeft > 0) break;
      count++;
      isHead ||= this.#pending!.isHead;
      closes ||= this.#pending!.closes;
      this.#pending = undefined;
    }
    return { count, isHead, closes };
  }

  /** Returns where the head ended, or the end of the chunk where it goes on. */
  #readHead(chunk: Buffer, from: number): number {
    const before = this.#head.length;
    const text = this.#head + chunk.toString('latin1', from);
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) {
      if (text.length > longestHeadBytes) throw new NotFramed('a head without an end');
      this.#head = text;
      return chunk.length;
    }
    const head = text.slice(0, end);
    this.#head = '';
    this.#pending = {
      isHead: head.startsWith('HEAD '),
      closes: /\r\nconnection: *close/i.test(head),
    };
    this.#bodyBytesLeft = bodyBytes(head);
    return from + end + 4 - before;
  }
}

function bodyBytes(head: string): number {
  if (/\r\ntransfer-encoding:/i.test(head)) throw new NotFramed('a body in chunks');
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? 0 : Number(length);
}

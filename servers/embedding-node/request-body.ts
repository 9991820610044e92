import type { IncomingMessage } from 'node:http';

/** An answer other than 200, decided while the request is read. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Beyond the body limit the rest is read and thrown away, so that the client can finish sending and
 * see its 413; a client that sends more than this many times the limit is cut off.
 */
const discardedBodies = 16;

/** nginx's code for a request whose client left: it only ever appears in the metrics. */
const clientClosedRequest = 499;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Collects a request's body. Rejects with a 413 RequestError as soon as it is known to be larger
 * than `maxBodyBytes`, and with an ordinary error when the client goes away.
 */
export function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let settled = false;
    // Every request closes in the end: without the flag each would pay 10 µs for an unused error.
    const refuse = (status: number, message: string): void => {
      if (settled) return;
      settled = true;
      pieces.length = 0;
      reject(new RequestError(status, message));
    };
    const tooLarge = (): void => refuse(413, `the body is larger than ${maxBodyBytes} bytes`);
    const wentAway = (): void => refuse(clientClosedRequest, 'the client went away');
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) tooLarge();
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBodyBytes) pieces.push(piece);
      else if (bytes > maxBodyBytes * discardedBodies) request.destroy();
      else tooLarge();
    });
    request.on('end', () => {
      settled = true;
      resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    });
    request.on('error', wentAway);
    request.on('close', wentAway);
  });
}

/** The texts of `{"texts": [...]}`; a RequestError says what is wrong with anything else. */
export function parseTexts(body: Buffer, maxBatch: number): string[] {
  const document = parseJson(body);
  if (typeof document !== 'object' || document === null || !('texts' in document)) {
    throw new RequestError(422, 'expected an object with a list "texts"');
  }
  const texts: unknown = document.texts;
  if (!Array.isArray(texts)) throw new RequestError(422, '"texts" must be a list of strings');
  if (texts.length === 0) throw new RequestError(422, '"texts" must not be empty');
  if (texts.length > maxBatch) {
    throw new RequestError(413, `"texts" holds ${texts.length} texts, at most ${maxBatch} fit`);
  }
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong !== -1) throw new RequestError(422, `"texts[${wrong}]" must be a string`);
  // "\ud800" is valid by JSON's grammar and yet no text: other servers' decoders refuse it too.
  const broken = (texts as string[]).findIndex((text) => !text.isWellFormed());
  if (broken !== -1) throw new RequestError(400, `"texts[${broken}]" holds half a surrogate pair`);
  return texts as string[];
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(strictUtf8.decode(body));
  } catch {
    throw new RequestError(400, 'the body is not JSON in UTF-8');
  }
}

/** A longer message is none that a null server has to take. */
const longestMessageBytes = 64 * 1024 * 1024;

const sslRequest = 80_877_103;
const cancelRequest = 80_877_102;

/** Prepared answers by what was said (PostgreSQL documentation, "Message Formats"). */
const greeting = bytes(
  ['R', '\0\0\0\0'],
  ['S', 'server_version\x0018.0\0'],
  ['S', 'client_encoding\0UTF8\0'],
  ['K', '\0\0\0\x01\0\0\0\x02'],
  ['Z', 'I'],
);
const completed = ['C', 'SELECT 0\0'] as const;
const answers: Readonly<Record<string, Buffer>> = {
  P: bytes(['1', '']),
  B: bytes(['2', '']),
  C: bytes(['3', '']),
  D: bytes(['n', '']),
  E: bytes(completed),
  S: bytes(['Z', 'I']),
  Q: bytes(completed, ['Z', 'I']),
  // Rows of a COPY that came with the statement, as those of a server that refused it, go unread.
  d: Buffer.alloc(0),
  c: Buffer.alloc(0),
  H: Buffer.alloc(0),
};

/** Thrown for bytes that this server cannot frame, or answer. */
export class NotUnderstood extends Error {}

/**
 * One connection, as far as a null server wants to know: where messages end, and of which type they are.
 * Every statement is completed, and none has rows.
 */
export class Conversation {
  #rest: Buffer = Buffer.alloc(0);
  #isStarted = false;
  isOver = false;

  /** What is to be written after these bytes. */
  push(chunk: Buffer): Buffer {
    const said = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const replies: Buffer[] = [];
    let at = 0;
    while (!this.isOver) {
      const head = this.#isStarted ? 1 : 0;
      if (said.length - at < head + 4) break;
      const length = said.readInt32BE(at + head);
      if (length < 4 || length > longestMessageBytes) throw new NotUnderstood(`length ${length}`);
      if (said.length - at < head + length) break;
      replies.push(this.#isStarted ? this.#answer(said[at]!) : this.#start(said, at));
      at += head + length;
    }
    this.#rest = Buffer.from(said.subarray(at));
    return replies.length === 1 ? replies[0]! : Buffer.concat(replies);
  }

  #start(said: Buffer, at: number): Buffer {
    const code = said.readInt32BE(at + 4);
    if (code === sslRequest) return Buffer.from('N');
    if (code === cancelRequest) {
      this.isOver = true;
      return Buffer.alloc(0);
    }
    this.#isStarted = true;
    return greeting;
  }

  #answer(type: number): Buffer {
    const name = String.fromCharCode(type);
    if (name === 'X') {
      this.isOver = true;
      return Buffer.alloc(0);
    }
    const answer = answers[name];
    if (answer === undefined) throw new NotUnderstood(`type ${name}`);
    return answer;
  }
}

function bytes(...messages: readonly (readonly [type: string, body: string])[]): Buffer {
  return Buffer.concat(
    messages.map(([type, body]) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')]);
    }),
  );
}

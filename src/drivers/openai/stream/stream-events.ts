/** Events of one answer; an answer with more is refused. */
export const STREAM_EVENTS_LIMIT = 262_144;

const FIRST_CAPACITY = 64;
/** A larger store is given back when it is emptied, so that one long answer does not stay. */
const RETAINED_EVENTS = 8192;

/** What an event brought, as bits. */
export const BROUGHT = {
  /** A list of choices that is not empty, whatever stands in it; vLLM counts these. */
  choices: 1,
  /** Text of the answer that is not empty. */
  content: 2,
  reasoning: 4,
  toolCall: 8,
  /** Nothing of these, while the server's count of tokens grew. */
  countedToken: 16,
} as const;

/** What makes an event a content chunk. */
export const TOKEN_BITS: number =
  BROUGHT.content | BROUGHT.reasoning | BROUGHT.toolCall | BROUGHT.countedToken;

/** Of a streamed answer: what each event brought and when, kept until the answer ends. */
export class StreamEvents {
  length = 0;
  stamps = new Float64Array(FIRST_CAPACITY);
  brought = new Uint8Array(FIRST_CAPACITY);
  /** Output tokens so far, by the server's own count in this event; NaN where it says none. */
  tokens = new Float64Array(FIRST_CAPACITY);

  /** False where there is no more room. */
  add(stampNs: number, bits: number, tokens: number): boolean {
    if (this.length === this.stamps.length && !this.#grow()) return false;
    this.stamps[this.length] = stampNs;
    this.brought[this.length] = bits;
    this.tokens[this.length] = tokens;
    this.length++;
    return true;
  }

  clear(): void {
    this.length = 0;
    if (this.stamps.length > RETAINED_EVENTS) this.#allocate(FIRST_CAPACITY);
  }

  #grow(): boolean {
    if (this.length >= STREAM_EVENTS_LIMIT) return false;
    const { stamps, brought, tokens } = this;
    this.#allocate(this.length * 2);
    this.stamps.set(stamps);
    this.brought.set(brought);
    this.tokens.set(tokens);
    return true;
  }

  #allocate(capacity: number): void {
    this.stamps = new Float64Array(capacity);
    this.brought = new Uint8Array(capacity);
    this.tokens = new Float64Array(capacity);
  }
}

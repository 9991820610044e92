import type { Clock } from './clock.ts';
import { TurnWatch } from './turn-watch.ts';

/** The most that one read delivers; sockets of a worker all read into the same buffer. */
export const READ_BUFFER_BYTES = 65_536;
/** Bytes that wait in a turn; what comes beyond is parsed at once and counted. */
export const TURN_ARENA_BYTES = 4 * 1024 * 1024;
/** Chunks and ends that wait in a turn; what comes beyond is handled at once and counted. */
export const TURN_ENTRIES_LIMIT = 65_536;

const FIRST_CAPACITY = 1024;
/** Stands for the length of an entry that tells the end of a connection. */
const END = -1;

export interface TurnQueueOptions {
  readonly arenaBytes?: number;
  /** Of the thread, shared with whatever else takes turns. */
  readonly watch?: TurnWatch;
}

/** One connection, as the queue sees it. */
export interface TurnConsumer {
  /** Bytes that a read callback delivered at `stampNs`. They are gone when this returns. */
  takeBytes(bytes: Buffer, from: number, to: number, stampNs: number): void;
  /** The connection ended or broke at `stampNs`; all its bytes have been taken before. */
  takeEnd(stampNs: number): void;
}

/**
 * Parts what arrives from what is done with it. Read callbacks of one turn of the event loop only
 * stamp, copy into the arena and queue; when all have run, the entries are handled in the order of
 * their stamps. A consumer that goes on within its call, as a driver does when an operation ends,
 * so writes its next request before the next answer is parsed. Parsing in the read callback would
 * charge the last of 64 ready sockets with the parsing of the 63 before it.
 */
export class TurnQueue {
  /** Into which all sockets of this worker read. */
  readonly readBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  /** Chunks and ends handled in the callback itself since a limit was reached. */
  handledAtOnce = 0;
  /** The most bytes that waited in the arena, each chunk rounded up to whole words. */
  peakBytes = 0;
  /**
   * While an entry is handled: since when our loop could have read it. NaN where that is not known.
   */
  freeNs = Number.NaN;

  readonly #clock: Clock;
  readonly #watch: TurnWatch;
  readonly #arena: Buffer;
  #arenaUsed = 0;
  #consumers: (TurnConsumer | undefined)[] = Array.from({ length: FIRST_CAPACITY });
  #stamps = new Float64Array(FIRST_CAPACITY);
  #offsets = new Int32Array(FIRST_CAPACITY);
  #lengths = new Int32Array(FIRST_CAPACITY);
  #head = 0;
  #tail = 0;
  #isTurnAsked = false;
  readonly #handleTurn = (): void => this.#handleAll(this.#tail);

  constructor(
    clock: Clock,
    { arenaBytes = TURN_ARENA_BYTES, watch = new TurnWatch() }: TurnQueueOptions = {},
  ) {
    this.#clock = clock;
    this.#watch = watch;
    // Not touched before it is used: a worker that never has much waiting never pays for it.
    this.#arena = Buffer.allocUnsafeSlow(arenaBytes);
  }

  /** Entries that wait. */
  get waiting(): number {
    return this.#tail - this.#head;
  }

  /** Stamp of the oldest entry that waits; undefined when none does. */
  get oldestWaitingNs(): number | undefined {
    return this.#head < this.#tail ? this.#stamps[this.#head] : undefined;
  }

  /** Queues the first `byteCount` bytes of `readBuffer`, which arrived at `stampNs`. */
  addBytes(consumer: TurnConsumer, byteCount: number, stampNs: number): void {
    const used = this.#arenaUsed;
    if (used + byteCount > this.#arena.length || !this.#hasPlace()) {
      this.#handleWaitingOf(consumer);
      this.handledAtOnce++;
      consumer.takeBytes(this.readBuffer, 0, byteCount, stampNs);
      return;
    }
    this.readBuffer.copy(this.#arena, used, 0, byteCount);
    // Each chunk begins at a whole word, so that its reader may compare words.
    this.#arenaUsed = (used + byteCount + 3) & ~3;
    if (this.#arenaUsed > this.peakBytes) this.peakBytes = this.#arenaUsed;
    this.#add(consumer, used, byteCount, stampNs);
  }

  /** Queues the end of the connection behind its bytes. */
  addEnd(consumer: TurnConsumer, stampNs: number): void {
    if (this.#hasPlace()) {
      this.#add(consumer, 0, END, stampNs);
      return;
    }
    this.#handleWaitingOf(consumer);
    this.handledAtOnce++;
    consumer.takeEnd(stampNs);
  }

  #add(consumer: TurnConsumer, offset: number, length: number, stampNs: number): void {
    const entry = this.#tail++;
    this.#consumers[entry] = consumer;
    this.#offsets[entry] = offset;
    this.#lengths[entry] = length;
    this.#stamps[entry] = stampNs;
    if (this.#isTurnAsked) return;
    this.#isTurnAsked = true;
    this.#watch.inPoll(stampNs);
    this.#clock.nextTurn(this.#handleTurn);
  }

  /** Up to `end`: what is added meanwhile has a turn of its own. */
  #handleAll(end: number): void {
    this.#watch.afterPoll(this.#stamps[this.#head]!);
    this.freeNs = this.#watch.freeNs;
    try {
      while (this.#head < end) this.#give(this.#head++);
    } finally {
      if (this.#head < this.#tail) this.#clock.nextTurn(this.#handleTurn);
      else this.#startOver();
    }
  }

  #startOver(): void {
    this.#isTurnAsked = false;
    this.#head = 0;
    this.#tail = 0;
    this.#arenaUsed = 0;
  }

  #give(entry: number): void {
    const consumer = this.#consumers[entry];
    if (consumer === undefined) return;
    const offset = this.#offsets[entry]!;
    const length = this.#lengths[entry]!;
    const stampNs = this.#stamps[entry]!;
    this.#consumers[entry] = undefined;
    if (length === END) consumer.takeEnd(stampNs);
    else consumer.takeBytes(this.#arena, offset, offset + length, stampNs);
  }

  /** Over a limit the bytes of a connection must still be taken in their order. */
  #handleWaitingOf(consumer: TurnConsumer): void {
    // The poll is not over: whether anything was ready before it began is not known yet.
    this.freeNs = this.#watch.previousEntryNs;
    for (let entry = this.#head; entry < this.#tail; entry++) {
      if (this.#consumers[entry] === consumer) this.#give(entry);
    }
  }

  #hasPlace(): boolean {
    const capacity = this.#stamps.length;
    if (this.#tail < capacity) return true;
    if (capacity >= TURN_ENTRIES_LIMIT) return false;
    const stamps = new Float64Array(capacity * 2);
    stamps.set(this.#stamps);
    this.#stamps = stamps;
    this.#offsets = doubled(this.#offsets);
    this.#lengths = doubled(this.#lengths);
    return true;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

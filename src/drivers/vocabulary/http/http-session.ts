import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import type { KeptBytes } from '../../wire/http1/kept-bytes.ts';
import {
  Http1ResponseParser,
  RESPONSE_COMPLETE,
  RESPONSE_FAILED,
} from '../../wire/http1/response-parser.ts';
import { BodySender, type BodyPart } from '../../wire/body/body-sender.ts';
import type { Connection, ConnectionUser } from '../../wire/connection.ts';
import type { AnswerReader } from './answer-reader.ts';
import type { HttpClient } from './http-client.ts';
import { CONNECT_TIME, FIRST_BYTE_TIME, TLS_TIME } from './http-phases.ts';
import type { HttpOperation, HttpRequest } from './http-request.ts';
import { outcomeOfStatus } from './http-outcome.ts';
import { HttpResult } from './http-result.ts';

const NO_SLOT = -1;

export interface HttpSessionParts {
  /** Its timer on the wheel. */
  readonly timer: number;
  /** Called once when it is closed. */
  readonly forget: () => void;
  readonly reader?: AnswerReader | undefined;
}

/** One connection with at most one request on it at a time. */
export class HttpSession implements Session, ConnectionUser {
  readonly #client: HttpClient;
  readonly #timer: number;
  readonly #forget: () => void;
  readonly #reader: AnswerReader | undefined;
  readonly #parser: Http1ResponseParser;
  readonly #result: HttpResult;

  /** Open, or being opened. */
  #connection: Connection | undefined;
  #isConnecting = false;
  #connectStartNs = 0;
  /** Addresses to try, from the one being tried. */
  #addresses: readonly string[] = [];
  /** Told when connecting ahead of load succeeded or failed. */
  #connectWaiter: ((isOpen: boolean) => void) | undefined;
  /** Of a connection whose first operation is still to come. */
  #connectTimeNs = Number.NaN;
  #tlsTimeNs = Number.NaN;
  /** Answers that came over the connection. */
  #served = 0;

  /** The operation that is open, or NO_SLOT. */
  #slot = NO_SLOT;
  /** The request that waits for the connection. */
  #waiting: HttpRequest | undefined;
  #operation: HttpOperation | undefined;
  #requestBytes = 0;
  /** Sends the rest of a request whose body is not in its payload. */
  #sender: BodySender | undefined;
  #ended: () => void = ignore;
  #sentNs = 0;
  #deadlineNs = 0;
  #firstByteNs = Number.NaN;
  #bytesReceived = 0;
  /** Of the read callback whose bytes are looked at. */
  #stampNs = 0;
  /** The reader wants no more of this answer. */
  #isGivenUp = false;

  constructor(client: HttpClient, { timer, forget, reader }: HttpSessionParts) {
    this.#client = client;
    this.#timer = timer;
    this.#forget = forget;
    this.#reader = reader;
    const takeBody = reader && this.#bodyTaker(reader);
    this.#parser = new Http1ResponseParser(client.headMemo, takeBody);
    this.#result = new HttpResult(this.#parser, client.decoder);
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && !this.#isConnecting && this.#connection?.isIdle === true;
  }

  /** Whether its connection stands, with or without a request on it. */
  get isOpen(): boolean {
    return this.#connection !== undefined && !this.#isConnecting && !this.#connection.hasEnded;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  /** Status line and header lines of the last answer, where the operation keeps them. */
  get answerHead(): KeptBytes {
    return this.#parser.head;
  }

  /** The body of the last answer, where the operation keeps it; valid until the next one. */
  get answerBody(): Buffer {
    const { bytes, length } = this.#parser.body;
    return bytes.subarray(0, length);
  }

  connect(): Promise<boolean> {
    if (this.usable) return Promise.resolve(true);
    if (this.#connectWaiter !== undefined || this.#slot !== NO_SLOT) throw busy();
    this.#beginConnect();
    return new Promise((resolve) => {
      this.#connectWaiter = resolve;
    });
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) throw busy();
    this.#slot = slot;
    this.#ended = ended;
    this.#sentNs = 0;
    this.#firstByteNs = Number.NaN;
    this.#bytesReceived = 0;
    this.#isGivenUp = false;
    this.#result.clear();
    this.#client.slots.free[slot] = Number.NaN;
    if (this.#connection?.isIdle === true) {
      this.#send(request as HttpRequest, this.#client.slots.acquired[slot]!);
    } else {
      this.#waiting = request as HttpRequest;
      if (!this.#isConnecting) this.#beginConnect();
    }
  }

  abort(slot: number, outcome: number): void {
    if (slot !== this.#slot) return;
    this.#finish(outcome, this.#client.clock.nowNs(), false);
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#drop();
    this.#forget();
  }

  /** The timer of this session expired: the timeout of connecting, or that of the answer. */
  expire(): void {
    const { clock, connectTimeoutMs } = this.#client;
    if (this.#isConnecting) {
      this.#connectFailed(`not connected within ${connectTimeoutMs} ms`, clock.nowNs());
      return;
    }
    this.#afterPoll(() => {
      // What was read meanwhile stands in the turn queue, behind this.
      if (this.#connection?.hasMore === true) this.#afterPoll(() => this.#timeOut());
      else this.#timeOut();
    });
  }

  connected(connection: Connection, stampNs: number): void {
    if (connection !== this.#connection) return;
    this.#isConnecting = false;
    this.#client.wheel.cancel(this.#timer);
    this.#client.resolver.keep(this.#addresses[0]!);
    this.#connectTimeNs = stampNs - this.#connectStartNs;
    this.#tlsTimeNs = connection.handshakeNs;
    this.#served = 0;
    this.#tellConnectWaiter(true);
    if (this.#waiting !== undefined) this.#send(this.#waiting, stampNs);
  }

  received(connection: Connection, bytes: Buffer, from: number, to: number, stampNs: number): void {
    if (connection !== this.#connection) return;
    if (this.#slot === NO_SLOT) {
      this.#dropUnasked();
      return;
    }
    if (this.#bytesReceived === 0) this.#firstByteNs = stampNs;
    this.#bytesReceived += to - from;
    this.#stampNs = stampNs;
    const end = this.#parser.take(bytes, from, to);
    const { state } = this.#parser;
    if (state === RESPONSE_COMPLETE) this.#answered(stampNs, end < to || connection.hasMore);
    else if (state === RESPONSE_FAILED) {
      this.#fail(OUTCOME.protocol_error, this.#parser.reason, stampNs);
    } else if (this.#isGivenUp) {
      this.#finish(this.#judge(), stampNs, false);
    }
  }

  ended(connection: Connection, stampNs: number): void {
    if (connection !== this.#connection) return;
    if (this.#isConnecting) this.#tryNextAddress(connection, stampNs);
    else if (this.#slot === NO_SLOT) this.#drop();
    else this.#endedWhileOpen(connection, stampNs);
  }

  #bodyTaker(reader: AnswerReader): (bytes: Buffer, from: number, to: number) => void {
    return (bytes, from, to) => {
      if (this.#isGivenUp || outcomeOfStatus(this.#parser.status) !== OUTCOME.ok) return;
      this.#isGivenUp = !reader.take(bytes, from, to, this.#stampNs);
    };
  }

  /**
   * Timers run before the poll for I/O: an answer that waits in the kernel is read first, and then
   * counted as late, instead of being thrown away unseen. Nothing happens if the operation ended.
   */
  #afterPoll(callback: () => void): void {
    const { clock, slots } = this.#client;
    const slot = this.#slot;
    const generation = slots.generation[slot];
    clock.nextTurn(() => {
      if (this.#slot === slot && slots.generation[slot] === generation) callback();
    });
  }

  #timeOut(): void {
    this.#fail(OUTCOME.timeout, this.#timeoutReason(), this.#client.clock.nowNs());
  }

  #beginConnect(): void {
    const { clock, wheel, resolver, connectTimeoutMs } = this.#client;
    if (this.#connection?.hasMore === true) this.#dropUnasked();
    this.#drop();
    this.#isConnecting = true;
    const startNs = clock.nowNs();
    this.#connectStartNs = startNs;
    wheel.arm(this.#timer, startNs + connectTimeoutMs * NS_PER_MS);
    const known = resolver.next();
    if (known !== undefined) {
      this.#tryAddresses(known);
      return;
    }
    const isStale = (): boolean => !this.#isConnecting || this.#connectStartNs !== startNs;
    resolver.resolve().then(
      (addresses) => isStale() || this.#tryAddresses(addresses),
      (error: unknown) => isStale() || this.#connectFailed(codeOf(error), clock.nowNs()),
    );
  }

  #tryAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#connection = this.#client.connectTo(addresses[0]!, this);
  }

  #tryNextAddress(failed: Connection, stampNs: number): void {
    const [, ...others] = this.#addresses;
    if (others.length > 0) this.#tryAddresses(others);
    else this.#connectFailed(failed.failure ?? 'closed while connecting', stampNs);
  }

  #connectFailed(reason: string, stampNs: number): void {
    this.#drop();
    if (this.#slot === NO_SLOT) this.#client.reasons.count(reason);
    else this.#fail(OUTCOME.connect_failed, reason, stampNs);
  }

  #tellConnectWaiter(isOpen: boolean): void {
    this.#connectWaiter?.(isOpen);
    this.#connectWaiter = undefined;
  }

  /** Does not keep the request: a new object in an old one is work for the garbage collector. */
  #send(request: HttpRequest, grantedNs: number): void {
    const { operation, payload, byteLength, rest } = request;
    const { slots, wheel, clock } = this.#client;
    this.#waiting = undefined;
    this.#operation = operation;
    this.#requestBytes = byteLength;
    slots.granted[this.#slot] = grantedNs;
    this.#deadlineNs = grantedNs + operation.timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    this.#parser.begin(operation.expectation);
    if (this.#reader !== undefined) this.#reader.begin(request, this.#slot, grantedNs);
    this.#sentNs = clock.nowNs();
    this.#connection!.write(payload);
    if (rest !== undefined) this.#sendRest(rest);
  }

  #sendRest(rest: readonly BodyPart[]): void {
    const { files } = this.#client;
    this.#sender = new BodySender(this.#connection!, rest, files, (reason) =>
      this.#fail(OUTCOME.interrupted, reason, this.#client.clock.nowNs()),
    );
    this.#sender.start();
  }

  #endedWhileOpen(connection: Connection, stampNs: number): void {
    const { failure } = connection;
    if (failure === undefined) this.#parser.takeEnd();
    if (this.#parser.state === RESPONSE_COMPLETE) this.#answered(stampNs, false);
    else {
      const cutOff = this.#bytesReceived === 0 ? 'closed before an answer' : 'answer cut off';
      this.#fail(OUTCOME.connection_lost, failure ?? cutOff, stampNs);
    }
  }

  #answered(stampNs: number, hasSurplus: boolean): void {
    const { slots, turns } = this.#client;
    slots.free[this.#slot] = turns.freeNs;
    if (hasSurplus) {
      this.#fail(OUTCOME.protocol_error, 'bytes after the answer', stampNs);
    } else if (stampNs > this.#deadlineNs) {
      this.#client.lateAnswers++;
      this.#fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
    } else {
      this.#result.fill(this.#operation!.expectation);
      const outcome = this.#judge();
      const { keepsConnections, requestsPerConnection } = this.#client;
      const { hasEnded } = this.#connection!;
      const keeps = keepsConnections && ++this.#served < requestsPerConnection;
      this.#finish(outcome, stampNs, keeps && this.#parser.keepAlive && !hasEnded);
    }
  }

  #judge(): number {
    const { status } = this.#parser;
    const outcome = outcomeOfStatus(status);
    if (outcome !== OUTCOME.ok) this.#client.reasons.count(this.#statusReason());
    return this.#reader === undefined ? outcome : this.#reader.judge(outcome, status);
  }

  #statusReason(): string {
    const { status, body } = this.#parser;
    const words = this.#client.failureWords?.(body.utf8());
    return words === undefined ? `status ${status}` : `status ${status}: ${words}`;
  }

  #timeoutReason(): string {
    return `no answer within ${this.#operation!.timeoutNs / NS_PER_MS} ms`;
  }

  #fail(outcome: number, reason: string, stampNs: number): void {
    this.#client.reasons.count(reason);
    this.#finish(outcome, stampNs, false);
  }

  #finish(outcome: number, doneNs: number, keepsConnection: boolean): void {
    const { slots, wheel } = this.#client;
    const slot = this.#slot;
    wheel.cancel(this.#timer);
    const wasSent = this.#sentNs !== 0;
    if (!wasSent) slots.granted[slot] = doneNs;
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    const unsentBytes = (this.#connection?.unsentBytes ?? 0) + (this.#sender?.unsentBytes ?? 0);
    slots.bytesSent[slot] = wasSent ? this.#requestBytes - unsentBytes : 0;
    slots.bytesReceived[slot] = this.#bytesReceived;
    slots.phases[CONNECT_TIME]![slot] = this.#connectTimeNs;
    slots.phases[FIRST_BYTE_TIME]![slot] = this.#firstByteNs - this.#sentNs;
    slots.phases[TLS_TIME]![slot] = this.#tlsTimeNs;
    if (this.#reader !== undefined) this.#reader.end(slot);
    slots.generation[slot]!++;
    this.#connectTimeNs = Number.NaN;
    this.#tlsTimeNs = Number.NaN;
    // An answer before the whole request was written leaves a connection that nobody can use.
    if (!keepsConnection || unsentBytes > 0) this.#drop();
    if (this.#sender !== undefined) this.#stopSending();
    this.#slot = NO_SLOT;
    this.#waiting = undefined;
    this.#ended();
  }

  #stopSending(): void {
    this.#sender?.stop();
    this.#sender = undefined;
  }

  /** An idle connection that speaks is not fit for the next request. */
  #dropUnasked(): void {
    this.#client.reasons.count('bytes that no request asked for');
    this.#drop();
  }

  #drop(): void {
    if (this.#isConnecting) this.#client.wheel.cancel(this.#timer);
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#isConnecting = false;
    this.#connectTimeNs = Number.NaN;
    this.#tellConnectWaiter(false);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? reasonOf(error);
}

function busy(): LoadgenError {
  return new LoadgenError('BUG', { reason: 'an http session was used for two things at once' });
}

function ignore(): void {
  // Until the first operation there is nobody to tell.
}

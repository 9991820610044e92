import type { Socket } from 'node:net';
import { Client, errors, ProxyAgent, type Dispatcher } from 'undici';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import { outcomeOfStatus } from '../../vocabulary/http/http-outcome.ts';
import { CONNECT_TIME, FIRST_BYTE_TIME, TLS_TIME } from '../../vocabulary/http/http-phases.ts';
import { BodyTooLarge, SdkCall, type SdkCallEnd } from './sdk-call.ts';
import { connectOptions } from './sdk-connector.ts';
import type { SdkDriver } from './sdk-driver.ts';
import type { SdkRequest } from './sdk-request.ts';
import { SdkResult } from './sdk-result.ts';

const NO_SLOT = -1;
/** Of what is no HTTP/1.1, or no HTTP/2, apart from streams and sessions that were given up. */
const PROTOCOL_CODES = /^(UND_ERR_HEADERS_OVERFLOW|ERR_HTTP2_(?!STREAM_CANCEL|SESSION))/;

/** A client of undici with one connection, and one request on it at a time. */
export class SdkSession implements Session, SdkCallEnd {
  readonly #driver: SdkDriver;
  readonly #timer: number;
  readonly #forget: () => void;
  readonly #result: SdkResult;
  readonly #client: Dispatcher;

  #socket: Socket | undefined;
  /** The socket was opened ahead, and undici has not asked for one yet. */
  #isHeld = false;
  #connectTimeNs = Number.NaN;

  #slot = NO_SLOT;
  #call: SdkCall | undefined;
  #request: SdkRequest | undefined;
  #ended: () => void = () => {};
  #sentNs = 0;
  #deadlineNs = 0;
  #readBefore = 0;
  #writtenBefore = 0;

  constructor(driver: SdkDriver, timer: number, forget: () => void) {
    this.#driver = driver;
    this.#timer = timer;
    this.#forget = forget;
    this.#result = new SdkResult(driver.decoder);
    this.#client = this.#newClient();
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && this.#hasSocket;
  }

  /** Through a proxy the connection cannot be seen: it counts as open. */
  get isOpen(): boolean {
    return this.#driver.proxy !== undefined || this.#hasSocket;
  }

  get #hasSocket(): boolean {
    return this.#socket?.destroyed === false;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    // A proxy agent opens its connections itself, with the first request.
    if (this.usable || this.#driver.proxy !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#open((error) => {
        this.#isHeld = error === null;
        if (error !== null) this.#driver.reasons.count(this.#driver.connectReason(error));
        resolve(error === null);
      });
    });
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) {
      throw new LoadgenError('BUG', { reason: 'an http session was used for two things at once' });
    }
    const { slots, wheel, clock, keepsConnections, origin } = this.#driver;
    const request = given as SdkRequest;
    const { operation, method, path, headers } = request;
    this.#slot = slot;
    this.#ended = ended;
    this.#request = request;
    this.#result.clear();
    this.#readBefore = this.#socket?.bytesRead ?? 0;
    this.#writtenBefore = this.#socket?.bytesWritten ?? 0;
    slots.free[slot] = Number.NaN;
    slots.granted[slot] = slots.acquired[slot]!;
    this.#deadlineNs = slots.granted[slot]! + operation.timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    this.#call = new SdkCall(clock, operation.expectation.keepBody, this);
    const body = request.body();
    const options = { origin, path, method, headers, body, reset: !keepsConnections };
    this.#sentNs = clock.nowNs();
    this.#client.dispatch(options, this.#call);
  }

  abort(slot: number, outcome: number): void {
    if (slot !== this.#slot) return;
    this.#call?.abort();
    this.#finish(outcome, this.#driver.clock.nowNs());
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#socket?.destroy();
    this.#client.destroy().catch(() => {});
    this.#forget();
  }

  expire(): void {
    this.#driver.clock.nextTurn(() => {
      if (this.#slot === NO_SLOT || this.#driver.clock.nowNs() < this.#deadlineNs) return;
      this.#driver.reasons.count(this.#timeoutReason());
      this.abort(this.#slot, OUTCOME.timeout);
    });
  }

  answered(call: SdkCall, stampNs: number): void {
    if (stampNs > this.#deadlineNs) {
      this.#driver.lateAnswers++;
      this.#fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
      return;
    }
    const { keepHead } = this.#request!.operation.expectation;
    const { status, headers, chunks } = call;
    const outcome = outcomeOfStatus(status);
    if (outcome !== OUTCOME.ok) this.#driver.reasons.count(`status ${status}`);
    this.#result.fill({ status, headers, chunks, keepHead });
    this.#finish(outcome, stampNs);
  }

  failed(call: SdkCall, error: Error, stampNs: number): void {
    if (!call.isStarted) {
      this.#sentNs = 0;
      this.#fail(OUTCOME.connect_failed, this.#driver.connectReason(error), stampNs);
      return;
    }
    this.#fail(outcomeOfError(error), reasonOfError(error), stampNs);
  }

  #newClient(): Dispatcher {
    const { origin, proxy, context, http } = this.#driver;
    const limits = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 600_000, pipelining: 1 };
    if (proxy !== undefined) {
      const requestTls = connectOptions(context);
      const connectTimeout = context.connectTimeoutMs;
      return new ProxyAgent({ uri: proxy, requestTls, connections: 1, connectTimeout, ...limits });
    }
    return new Client(origin, {
      ...limits,
      allowH2: http === 2,
      connect: (_options, callback) => this.#socketFor(callback),
    });
  }

  #socketFor(callback: (...result: [null, Socket] | [Error, null]) => void): void {
    if (this.#isHeld && this.#socket?.destroyed === false) {
      this.#isHeld = false;
      const socket = this.#socket;
      // undici does not expect a socket before its call of this returns.
      queueMicrotask(() => callback(null, socket));
      return;
    }
    this.#open((error, socket) => {
      this.#readBefore = 0;
      this.#writtenBefore = 0;
      if (error !== null) callback(error, null);
      else callback(null, socket!);
    });
  }

  #open(opened: (error: Error | null, socket?: Socket) => void): void {
    const { clock } = this.#driver;
    const startNs = clock.nowNs();
    this.#driver.openSocket((error, socket) => {
      this.#socket = socket;
      // Until undici listens itself.
      socket?.on('error', () => {});
      if (error === null) this.#connectTimeNs = clock.nowNs() - startNs;
      opened(error, socket);
    });
  }

  #timeoutReason(): string {
    return `no answer within ${this.#request!.operation.timeoutNs / NS_PER_MS} ms`;
  }

  #fail(outcome: number, reason: string, stampNs: number): void {
    this.#driver.reasons.count(reason);
    this.#finish(outcome, stampNs);
  }

  #finish(outcome: number, doneNs: number): void {
    const { slots, wheel } = this.#driver;
    const slot = this.#slot;
    const wasSent = this.#sentNs !== 0;
    wheel.cancel(this.#timer);
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    const written = (this.#socket?.bytesWritten ?? 0) - this.#writtenBefore;
    slots.bytesSent[slot] = wasSent ? Math.max(written, 0) : 0;
    slots.bytesReceived[slot] = Math.max((this.#socket?.bytesRead ?? 0) - this.#readBefore, 0);
    slots.phases[CONNECT_TIME]![slot] = this.#connectTimeNs;
    slots.phases[TLS_TIME]![slot] = Number.NaN;
    slots.phases[FIRST_BYTE_TIME]![slot] = this.#call!.firstByteNs - this.#sentNs;
    slots.generation[slot]!++;
    this.#connectTimeNs = Number.NaN;
    this.#slot = NO_SLOT;
    this.#call = undefined;
    this.#ended();
  }
}

/** undici's own code, where its words would name ports and the like. */
function reasonOfError(error: Error): string {
  if (error instanceof BodyTooLarge) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code ?? (code === 'UND_ERR_SOCKET' ? error.message : (code ?? error.message));
}

/** undici tells what is no HTTP by the class of its error, and gives it a code only sometimes. */
function outcomeOfError(error: Error): number {
  if (error instanceof BodyTooLarge || error instanceof errors.HTTPParserError) {
    return OUTCOME.protocol_error;
  }
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ERR_HTTP2_STREAM_ERROR') return outcomeOfReset(error.message);
  return PROTOCOL_CODES.test(code) ? OUTCOME.protocol_error : OUTCOME.connection_lost;
}

/** Node names what the server said, and says PROTOCOL_ERROR itself of what it cannot read. */
function outcomeOfReset(message: string): number {
  if (message.includes('NGHTTP2_PROTOCOL_ERROR')) return OUTCOME.protocol_error;
  const isRefused = /NGHTTP2_(REFUSED_STREAM|ENHANCE_YOUR_CALM)/.test(message);
  return isRefused ? OUTCOME.rejected : OUTCOME.connection_lost;
}

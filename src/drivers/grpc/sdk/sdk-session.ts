import { Metadata, type Client, type ClientDuplexStream, type StatusObject } from '@grpc/grpc-js';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import { outcomeOfCode } from '../../vocabulary/grpc/grpc-outcome.ts';
import {
  CONNECT_TIME,
  FIRST_MESSAGE_TIME,
  MESSAGE_GAP,
  MESSAGES_RECEIVED,
  TLS_TIME,
} from '../../vocabulary/grpc/grpc-phases.ts';
import { GrpcResult, type DecodeMessage } from '../../vocabulary/grpc/grpc-result.ts';
import { isBinaryName } from '../../wire/grpc/grpc-metadata.ts';
import { GRPC_CODES } from '../../wire/grpc/grpc-status.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { GrpcMethod } from '../grpc-method.ts';
import type { SdkDriver } from './sdk-driver.ts';

const NO_SLOT = -1;

/** One call as the library takes it. */
export interface SdkRequest {
  readonly operation: {
    readonly method: GrpcMethod;
    readonly timeoutNs: number;
    readonly keepsMessages: boolean;
    readonly decode: DecodeMessage;
  };
  readonly metadata: readonly HeaderField[];
  /** Encoded, without heads. */
  readonly messages: readonly Buffer[];
}

type Call = ClientDuplexStream<Buffer, Buffer>;

/** A client of @grpc/grpc-js, its own or shared, and one call on it at a time. */
export class SdkSession implements Session {
  readonly #driver: SdkDriver;
  readonly #timer: number;
  readonly #closed: () => void;
  readonly #shared: Client | undefined;
  readonly #result = new GrpcResult();
  #own: Client | undefined;
  #isConnected = false;
  #slot = NO_SLOT;
  #request: SdkRequest | undefined;
  #call: Call | undefined;
  #ended: () => void = () => {};
  #sentNs = 0;
  #deadlineNs = 0;
  #messages = 0;
  #firstMessageNs = Number.NaN;
  #lastMessageNs = 0;
  #fields: readonly HeaderField[] = [];

  constructor(
    driver: SdkDriver,
    place: { readonly timer: number; readonly shared: Client | undefined; closed(): void },
  ) {
    this.#driver = driver;
    this.#timer = place.timer;
    this.#shared = place.shared;
    this.#closed = place.closed;
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && this.#isConnected;
  }

  get isOpen(): boolean {
    return this.#isConnected;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    const { clock, connectTimeoutMs, reasons } = this.#driver;
    return new Promise((resolve) => {
      this.#client().waitForReady(clock.wallMs() + connectTimeoutMs, (error) => {
        this.#isConnected = error === undefined;
        if (error !== undefined) reasons.count(`not connected within ${connectTimeoutMs} ms`);
        resolve(this.#isConnected);
      });
    });
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) {
      throw new LoadgenError('BUG', { reason: 'a grpc session was used for two things at once' });
    }
    const request = given as SdkRequest;
    const { slots, wheel, clock } = this.#driver;
    const { method, timeoutNs, decode } = request.operation;
    this.#slot = slot;
    this.#ended = ended;
    this.#request = request;
    this.#messages = 0;
    this.#firstMessageNs = Number.NaN;
    this.#fields = [];
    this.#result.clear(decode);
    slots.free[slot] = Number.NaN;
    slots.granted[slot] = slots.acquired[slot]!;
    this.#deadlineNs = slots.granted[slot]! + timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    // Its timers may be a millisecond early: the wheel decides.
    const deadline = Math.ceil(clock.wallMs() + timeoutNs / NS_PER_MS) + 1;
    const metadata = metadataOf(request.metadata);
    this.#sentNs = clock.nowNs();
    const call = this.#client().makeBidiStreamRequest<Buffer, Buffer>(
      `/${method.path}`,
      (message) => message,
      (bytes) => bytes,
      metadata,
      { deadline },
    );
    this.#call = call;
    this.#listen(call);
    for (const message of request.messages) call.write(message);
    call.end();
  }

  abort(slot: number, outcome: number): void {
    if (slot === this.#slot) this.#finish(outcome, this.#driver.clock.nowNs());
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#own?.close();
    this.#closed();
  }

  expire(): void {
    this.#driver.clock.nextTurn(() => {
      if (this.#slot === NO_SLOT || this.#driver.clock.nowNs() < this.#deadlineNs) return;
      this.#fail(OUTCOME.timeout, this.#timeoutReason(), this.#driver.clock.nowNs());
    });
  }

  #client(): Client {
    if (this.#shared !== undefined) return this.#shared;
    this.#own ??= this.#driver.newClient();
    return this.#own;
  }

  #listen(call: Call): void {
    const { clock } = this.#driver;
    const isCurrent = (): boolean => this.#call === call;
    call.on('error', () => {
      // What went wrong is told with the status.
    });
    call.on('metadata', (metadata) => {
      if (isCurrent()) this.#fields = fieldsOf(metadata);
    });
    call.on('data', (message: Buffer) => {
      if (isCurrent()) this.#message(message, clock.nowNs());
    });
    call.on('status', (end) => {
      if (isCurrent()) this.#answered(end, clock.nowNs());
    });
  }

  #message(message: Buffer, stampNs: number): void {
    const { operation } = this.#request!;
    if (++this.#messages === 1) this.#firstMessageNs = stampNs;
    else if (operation.method.streamsAnswers) {
      const { samples } = this.#driver.slots;
      samples[MESSAGE_GAP]!.add(this.#slot, stampNs - this.#lastMessageNs);
    }
    this.#lastMessageNs = stampNs;
    if (operation.keepsMessages) this.#result.kept.push(message);
  }

  #answered(end: StatusObject, stampNs: number): void {
    const code = GRPC_CODES[end.code] ?? 'UNKNOWN';
    const { streamsAnswers } = this.#request!.operation.method;
    this.#isConnected = code !== 'UNAVAILABLE';
    if (stampNs > this.#deadlineNs) {
      if (code === 'OK') this.#driver.lateAnswers++;
      this.#fail(OUTCOME.timeout, this.#timeoutReason(), stampNs);
    } else if (code === 'OK' && !streamsAnswers && this.#messages !== 1) {
      this.#fail(OUTCOME.protocol_error, `an answer of ${this.#messages} messages`, stampNs);
    } else if (isReset(end) && outcomeOfCode(code) === OUTCOME.status_error) {
      this.#fail(OUTCOME.connection_lost, end.details.slice(0, REASON_CHARACTERS), stampNs);
    } else if (code === 'UNAVAILABLE' && isOfConnection(end)) {
      const isConnecting = /connection established|Name resolution/i.test(end.details);
      if (isConnecting) this.#sentNs = 0;
      const outcome = isConnecting ? OUTCOME.connect_failed : OUTCOME.connection_lost;
      this.#fail(outcome, end.details.slice(0, REASON_CHARACTERS), stampNs);
    } else {
      if (code !== 'OK') this.#driver.reasons.count(`status ${code}`);
      const statusMessage = { name: 'grpc-message', value: encodeURIComponent(end.details) };
      const trailers = [...fieldsOf(end.metadata), statusMessage];
      this.#result.fill({ code, fields: this.#fields, trailers });
      this.#finish(outcomeOfCode(code), stampNs);
    }
  }

  #timeoutReason(): string {
    return `no answer within ${this.#request!.operation.timeoutNs / NS_PER_MS} ms`;
  }

  #fail(outcome: number, reason: string, stampNs: number): void {
    this.#driver.reasons.count(reason);
    this.#finish(outcome, stampNs);
  }

  #finish(outcome: number, doneNs: number): void {
    const { slots, wheel, keepsConnections } = this.#driver;
    const slot = this.#slot;
    const call = this.#call;
    this.#call = undefined;
    wheel.cancel(this.#timer);
    call?.cancel();
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    // The library does not tell what its frames took.
    slots.bytesSent[slot] = 0;
    slots.bytesReceived[slot] = 0;
    slots.phases[CONNECT_TIME]![slot] = Number.NaN;
    slots.phases[TLS_TIME]![slot] = Number.NaN;
    slots.phases[FIRST_MESSAGE_TIME]![slot] = this.#firstMessageNs - this.#sentNs;
    slots.counts[MESSAGES_RECEIVED]![slot]! += this.#messages;
    slots.generation[slot]!++;
    if (!keepsConnections) {
      this.#own?.close();
      this.#own = undefined;
      this.#isConnected = false;
    }
    this.#slot = NO_SLOT;
    this.#ended();
  }
}

/** Distinct reasons are few, and short. */
const REASON_CHARACTERS = 80;

/** The library gives broken connections the code that a server gives when it is overloaded. */
function isOfConnection({ details, metadata }: StatusObject): boolean {
  if (Object.keys(metadata.getMap()).length > 0) return false;
  return /connection|Connection|ECONN|resolution|write to|GOAWAY|dropped/.test(details);
}

/** It makes a status of a stream that ended without one; those of an overloaded server are right. */
function isReset({ details }: StatusObject): boolean {
  // The second is what it says of RST_STREAM with CANCEL: calls that we cancel are not heard any more.
  return details.startsWith('Received RST_STREAM') || details === 'Call cancelled';
}

function metadataOf(fields: readonly HeaderField[]): Metadata {
  const metadata = new Metadata();
  for (const { name, value } of fields) {
    metadata.add(name, isBinaryName(name) ? Buffer.from(value, 'base64') : value);
  }
  return metadata;
}

function fieldsOf(metadata: Metadata): HeaderField[] {
  return Object.entries(metadata.toHttp2Headers()).flatMap(([name, values]) => {
    const all = Array.isArray(values) ? values : [values];
    return all.map((value) => ({ name, value: String(value) }));
  });
}

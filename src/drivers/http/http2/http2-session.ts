import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import { BodySender, type BodyPart } from '../../wire/body/body-sender.ts';
import type { Http2Connection } from '../../wire/http2/http2-connection.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { Http2Stream, Http2StreamUser, StreamFailure } from '../../wire/http2/http2-stream.ts';
import { outcomeOfStatus } from '../../vocabulary/http/http-outcome.ts';
import { FIRST_BYTE_TIME } from '../../vocabulary/http/http-phases.ts';
import type { HttpOperation } from '../../vocabulary/http/http-request.ts';
import { HttpResult } from '../../vocabulary/http/http-result.ts';
import type { StreamPlace } from '../../vocabulary/http2/stream-client.ts';
import { StreamOperation, type StreamProtocol } from '../../vocabulary/http2/stream-operation.ts';
import { Http2Answer } from './http2-answer.ts';
import type { Http2Client } from './http2-client.ts';
import type { Http2HttpRequest } from './http2-request.ts';
import { StreamBody } from './stream-body.ts';

/** One request at a time, each a stream of a connection that other sessions use too. */
export class Http2Session implements Session, Http2StreamUser, StreamProtocol<Http2HttpRequest> {
  readonly answer = new Http2Answer();
  readonly #client: Http2Client;
  readonly #call: StreamOperation<Http2HttpRequest>;
  readonly #result: HttpResult;
  #operation: HttpOperation | undefined;
  #firstByteNs = Number.NaN;
  /** Of a request with files in its body. */
  #sender: BodySender | undefined;
  #body: StreamBody | undefined;

  constructor(client: Http2Client, place: StreamPlace) {
    this.#client = client;
    this.#call = new StreamOperation(client, place, this);
    this.#result = new HttpResult(this.answer, client.decoder);
  }

  get usable(): boolean {
    return this.#call.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#call.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const request = given as Http2HttpRequest;
    this.#operation = request.operation;
    this.#firstByteNs = Number.NaN;
    this.answer.begin(request.operation.expectation);
    this.#result.clear();
    this.#call.begin(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#call.abort(slot, outcome);
  }

  close(): void {
    this.#call.close();
  }

  expire(): void {
    this.#call.expire();
  }

  open(request: Http2HttpRequest, connection: Http2Connection): void {
    const { leading, fields, literals, pieces, rest } = request;
    const isComplete = rest === undefined;
    const stream = connection.request({ leading, fields, literals, pieces, isComplete }, this);
    this.#call.stream = stream;
    if (rest !== undefined) this.#sendRest(rest, connection, stream);
  }

  over(slot: number): void {
    const { slots } = this.#client;
    slots.phases[FIRST_BYTE_TIME]![slot] = this.#firstByteNs - this.#call.sentNs;
    if (this.#sender !== undefined) this.#stopSending();
  }

  sent(stampNs: number): void {
    this.#call.sentNs = stampNs;
  }

  drained(): void {
    this.#body?.drained();
  }

  headers(fields: readonly HeaderField[], isLast: boolean, stampNs: number): void {
    if (Number.isNaN(this.#firstByteNs)) this.#firstByteNs = stampNs;
    const refused = this.answer.takeFields(fields, isLast);
    if (refused !== undefined) this.#call.fail(OUTCOME.protocol_error, refused, stampNs);
    else if (isLast) this.#answered(stampNs);
  }

  data(bytes: Buffer, from: number, to: number, stampNs: number): void {
    const refused = this.answer.takeData(bytes, from, to);
    if (refused !== undefined) this.#call.fail(OUTCOME.protocol_error, refused, stampNs);
  }

  ended(stampNs: number): void {
    const refused = this.answer.takeEnd();
    if (refused !== undefined) this.#call.fail(OUTCOME.protocol_error, refused, stampNs);
    else this.#answered(stampNs);
  }

  failed(failure: StreamFailure, stampNs: number): void {
    this.#call.lost(failure, stampNs);
  }

  #answered(stampNs: number): void {
    if (!this.#call.isInTime(stampNs)) return;
    this.#result.fill(this.#operation!.expectation);
    const { status } = this.answer;
    const outcome = outcomeOfStatus(status);
    if (outcome !== OUTCOME.ok) this.#client.reasons.count(`status ${status}`);
    this.#call.finish(outcome, stampNs);
  }

  #sendRest(rest: readonly BodyPart[], connection: Http2Connection, stream: Http2Stream): void {
    const { target, clock } = this.#client;
    const byteLength = rest.reduce((sum, part) => sum + part.byteLength, 0);
    this.#body = new StreamBody(connection, stream, byteLength);
    this.#sender = new BodySender(this.#body, rest, target.files, (reason) =>
      this.#call.fail(OUTCOME.interrupted, reason, clock.nowNs()),
    );
    this.#sender.start();
  }

  #stopSending(): void {
    const body = this.#body!;
    this.#sender!.stop();
    this.#sender = undefined;
    this.#body = undefined;
    // What the stream has not taken it never will: its buffer is free.
    body.drained();
  }
}

import type { Dispatcher } from 'undici';
import type { Clock } from '../../../base/time/clock.ts';
import { HTTP1_BODY_LIMIT_BYTES, HTTP1_KEPT_BODY_LIMIT_BYTES } from '../../wire/http1/limits.ts';

/** Told when a call ended; an error is undici's, or says that a limit was reached. */
export interface SdkCallEnd {
  answered(call: SdkCall, stampNs: number): void;
  failed(call: SdkCall, error: Error, stampNs: number): void;
}

/** A limit that the raw client has as well. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** One call of undici, as its handler sees it. After its end it hears nothing more. */
export class SdkCall implements Dispatcher.DispatchHandler {
  status = 0;
  headers: Record<string, string> = {};
  /** Where an expression reads the body. */
  readonly chunks: Buffer[] | undefined;
  firstByteNs = Number.NaN;
  /** undici has a connection for it. */
  isStarted = false;

  readonly #clock: Clock;
  readonly #end: SdkCallEnd;
  #controller: Dispatcher.DispatchController | undefined;
  #bodyBytes = 0;
  #isOver = false;

  constructor(clock: Clock, keepsBody: boolean, end: SdkCallEnd) {
    this.#clock = clock;
    this.#end = end;
    this.chunks = keepsBody ? [] : undefined;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.isStarted = true;
    if (this.#isOver) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (Number.isNaN(this.firstByteNs)) this.firstByteNs = this.#clock.nowNs();
    if (status < 200) return;
    this.status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    this.chunks?.push(chunk);
    const limitBytes = this.chunks ? HTTP1_KEPT_BODY_LIMIT_BYTES : HTTP1_BODY_LIMIT_BYTES;
    if (this.#bodyBytes <= limitBytes) return;
    const words = this.chunks ? 'kept body' : 'body';
    controller.abort(new BodyTooLarge(`${words} over ${limitBytes / 2 ** 20} MiB`));
  }

  onResponseEnd(): void {
    const stampNs = this.#clock.nowNs();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end.answered(this, stampNs);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const stampNs = this.#clock.nowNs();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end.failed(this, error, stampNs);
  }

  /** Gives it up; nobody is told. */
  abort(): void {
    this.#isOver = true;
    this.#controller?.abort(new Error('given up'));
  }
}

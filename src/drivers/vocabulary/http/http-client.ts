import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { DriverContext } from '../../driver.ts';
import { AwsSigner } from '../../wire/aws/sigv4.ts';
import { BodyDecoder } from '../../wire/body/body-decoder.ts';
import { BodyFiles } from '../../wire/body/body-files.ts';
import { HeadMemo } from '../../wire/http1/head-memo.ts';
import type { AddressSource } from '../../wire/tcp/host-resolver.ts';
import { FailureReasons } from '../failure-reasons.ts';
import type { AnswerReader } from './answer-reader.ts';
import type { HttpConnectionOptions } from './http-connection-options.ts';
import { addressSourceOf, connectorOf, requestUrl, type Connector } from './http-connector.ts';
import type { HttpTarget } from './http-request.ts';
import { HttpSession } from './http-session.ts';

export interface HttpClientOptions {
  /** The driver itself reads the heads of answers. */
  readonly readsHeads?: boolean;
  /** Says that answers may be compressed, and undoes it where an expression reads them. */
  readonly decompress?: boolean;
  /**
   * What the kept body of an answer whose status failed says of why, in words of a bounded set:
   * they stand behind the status in the reasons.
   */
  readonly failureWords?: (body: string) => string | undefined;
}

/**
 * What all sessions of one target in one worker share, for every driver that speaks HTTP/1.1 over
 * raw sockets. Its target says `HttpConnectionOptions` among its options.
 */
export class HttpClient {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly connectTimeoutMs: number;
  /** Connections live on after an answer. */
  readonly keepsConnections: boolean;
  /** Infinity: as many as come. */
  readonly requestsPerConnection: number;
  readonly resolver: AddressSource;
  readonly connectTo: Connector;
  readonly headMemo = new HeadMemo();
  /** What requests send of files. */
  readonly files: BodyFiles;
  /** Where answers may be compressed. */
  readonly decoder: BodyDecoder | undefined;
  readonly reasons = new FailureReasons();
  readonly target: HttpTarget;
  readonly failureWords: ((body: string) => string | undefined) | undefined;
  /** Complete answers that came after their timeout; each closed its connection. */
  lateAnswers = 0;

  readonly #sessions: (HttpSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(
    context: DriverContext,
    { readsHeads = false, decompress = false, failureWords }: HttpClientOptions = {},
  ) {
    const { clock, wheel, turns, slots, connectTimeoutMs, connection } = context;
    const options = context.options as Partial<HttpConnectionOptions>;
    const { headers = {}, auth } = options;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.connectTimeoutMs = connectTimeoutMs;
    this.keepsConnections = connection !== 'perRequest';
    this.failureWords = failureWords;
    this.requestsPerConnection = options.requestsPerConnection ?? Number.POSITIVE_INFINITY;
    this.files = new BodyFiles(context.baseFolder);
    if (decompress) this.decoder = new BodyDecoder((reason) => this.reasons.count(reason));
    this.target = {
      name: context.name,
      url: requestUrl(context.url),
      headers,
      closeEach: !this.keepsConnections,
      files: this.files,
      auth,
      signer: auth?.sigv4 && new AwsSigner(auth.sigv4),
      readsHeads,
      decompress,
      nowMs: () => clock.wallMs(),
    };
    this.connectTo = connectorOf(context);
    this.resolver = addressSourceOf(context);
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  /** `reader` is told of the bodies of this session's answers as they come. */
  open(slot: number, reader?: AnswerReader): HttpSession {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has an http session already` });
    }
    const forget = (): void => {
      this.#sessions[slot] = undefined;
    };
    const session = new HttpSession(this, { timer: this.#firstTimer + slot, forget, reader });
    this.#sessions[slot] = session;
    return session;
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
    this.files.close();
  }

  openConnections(): number {
    return this.#sessions.reduce((sum, session) => sum + (session?.isOpen === true ? 1 : 0), 0);
  }
}

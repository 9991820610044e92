import type { Clock } from '../../base/time/clock.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { FailureReasons } from '../vocabulary/failure-reasons.ts';
import { AwsSigner } from '../wire/aws/sigv4.ts';
import { BodyDecoder } from '../wire/body/body-decoder.ts';
import { BodyFiles } from '../wire/body/body-files.ts';
import { HeadMemo } from '../wire/http1/head-memo.ts';
import type { AddressSource } from '../wire/tcp/host-resolver.ts';
import { FollowingSession } from './following-session.ts';
import type { HttpTargetOptions } from './http-config.ts';
import { addressSourceOf, connectorOf, requestUrl, type Connector } from './http-connector.ts';
import { prepareRequest, type HttpTarget } from './http-request.ts';
import { HttpSession } from './http-session.ts';

/** The raw HTTP/1.1 client: what all sessions of one target in one worker share. */
export class HttpDriver implements Driver {
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
  /** Complete answers that came after their timeout; each closed its connection. */
  lateAnswers = 0;

  readonly #target: HttpTarget;
  readonly #following: { readonly redirects: number; readonly cookies: boolean };
  readonly #sessions: (HttpSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: DriverContext) {
    const { clock, wheel, turns, slots, connectTimeoutMs, connection } = context;
    const url = requestUrl(context.url);
    const options = context.options as Partial<HttpTargetOptions>;
    const { headers = {} } = options;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.connectTimeoutMs = connectTimeoutMs;
    this.keepsConnections = connection !== 'perRequest';
    this.requestsPerConnection = options.requestsPerConnection ?? Number.POSITIVE_INFINITY;
    this.files = new BodyFiles(context.baseFolder);
    const { files } = this;
    const { auth } = options;
    const signer = auth?.sigv4 && new AwsSigner(auth.sigv4);
    const { redirects = 0, cookies = false, decompress = false } = options;
    this.#following = { redirects, cookies };
    const readsHeads = redirects > 0 || cookies;
    if (decompress) this.decoder = new BodyDecoder((reason) => this.reasons.count(reason));
    this.#target = {
      readsHeads,
      decompress,

      auth,
      signer,
      nowMs: () => clock.wallMs(),
      name: context.name,
      url,
      headers,
      closeEach: !this.keepsConnections,
      files,
    };
    this.connectTo = connectorOf(context);
    this.resolver = addressSourceOf(context);
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareRequest(use, this.#target);
  }

  open(slot: number): Session {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has an http session already` });
    }
    const session = new HttpSession(this, this.#firstTimer + slot, () => {
      this.#sessions[slot] = undefined;
    });
    this.#sessions[slot] = session;
    if (!this.#target.readsHeads) return session;
    return new FollowingSession(session, this, { url: this.#target.url, ...this.#following });
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
    this.files.close();
  }

  openConnections(): number {
    return this.#sessions.reduce((sum, session) => sum + (session?.isOpen === true ? 1 : 0), 0);
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.reasons.counts;
  }
}

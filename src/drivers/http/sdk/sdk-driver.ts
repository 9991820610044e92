import type { Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, VerbUse } from '../../driver.ts';
import { FailureReasons } from '../../vocabulary/failure-reasons.ts';
import { BodyDecoder } from '../../wire/body/body-decoder.ts';
import { BodyFiles } from '../../wire/body/body-files.ts';
import type { HttpTargetOptions } from '../http-config.ts';
import { requestUrl } from '../../vocabulary/http/http-connector.ts';
import type { HttpTarget } from '../../vocabulary/http/http-request.ts';
import { connectFailure, socketOpener, type OpenSocket } from './sdk-connector.ts';
import { prepareSdkRequest } from './sdk-request.ts';
import { SdkSession } from './sdk-session.ts';

/**
 * The HTTP client that an application would use: undici, with its own queues, parser and streams.
 * What it measures is the time around its calls.
 */
export class SdkDriver implements Driver {
  readonly context: DriverContext;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly slots: OperationSlots;
  readonly origin: string;
  readonly http: 1 | 2;
  readonly proxy: string | undefined;
  readonly keepsConnections: boolean;
  readonly openSocket: OpenSocket;
  readonly decoder: BodyDecoder | undefined;
  readonly reasons = new FailureReasons();
  lateAnswers = 0;

  readonly #target: HttpTarget;
  readonly #sessions: (SdkSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: DriverContext) {
    const { clock, wheel, slots, name } = context;
    const options = context.options as Partial<HttpTargetOptions>;
    const { headers = {}, auth, decompress = false, http = 1, proxy } = options;
    const url = requestUrl(context.url);
    this.context = context;
    this.clock = clock;
    this.wheel = wheel;
    this.slots = slots;
    this.origin = url.origin;
    this.http = http;
    this.proxy = proxy;
    this.keepsConnections = context.connection !== 'perRequest';
    this.openSocket = socketOpener(context);
    if (decompress) this.decoder = new BodyDecoder((reason) => this.reasons.count(reason));
    const files = new BodyFiles(context.baseFolder);
    const nowMs = (): number => clock.wallMs();
    const fixed = { closeEach: false, readsHeads: false, decompress, nowMs };
    this.#target = { name, url, headers, auth, files, ...fixed };
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareSdkRequest(use, this.#target);
  }

  open(slot: number): SdkSession {
    const session = new SdkSession(this, this.#firstTimer + slot, () => {
      this.#sessions[slot] = undefined;
    });
    this.#sessions[slot] = session;
    return session;
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
  }

  openConnections(): number {
    return this.#sessions.reduce((sum, session) => sum + (session?.isOpen === true ? 1 : 0), 0);
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.reasons.counts;
  }

  connectReason(error: Error): string {
    return connectFailure(error, this.context);
  }
}

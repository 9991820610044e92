import type { Clock } from '../../base/time/clock.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, VerbUse } from '../driver.ts';
import { FailureReasons } from '../vocabulary/failure-reasons.ts';
import { HeadMemo } from '../wire/http1/head-memo.ts';
import { HostResolver } from '../wire/tcp/host-resolver.ts';
import { TcpConnection, type ConnectionUser } from '../wire/tcp/tcp-connection.ts';
import type { HttpTargetOptions } from './http-config.ts';
import { prepareRequest, type HttpTarget } from './http-request.ts';
import { HttpSession } from './http-session.ts';

/** Opens a connection of one URL scheme to an address and port. */
type Connector = (
  place: { readonly address: string; readonly port: number },
  user: ConnectionUser,
  context: DriverContext,
) => TcpConnection;

interface Scheme {
  readonly connect: Connector;
  readonly defaultPort: number;
}

/** Where `https` will stand. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  'http:': {
    connect: (place, user, context) => new TcpConnection(place, user, context),
    defaultPort: 80,
  },
};

/** The raw HTTP/1.1 client: what all sessions of one target in one worker share. */
export class HttpDriver implements Driver {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly connectTimeoutMs: number;
  /** Connections live on after an answer. */
  readonly keepsConnections: boolean;
  readonly resolver: HostResolver;
  readonly headMemo = new HeadMemo();
  readonly reasons = new FailureReasons();
  /** Complete answers that came after their timeout; each closed its connection. */
  lateAnswers = 0;

  readonly #context: DriverContext;
  readonly #target: HttpTarget;
  readonly #connect: Connector;
  readonly #port: number;
  readonly #sessions: (HttpSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: DriverContext) {
    const { clock, wheel, turns, slots, connectTimeoutMs, connection } = context;
    const url = new URL(context.url);
    const scheme = SCHEMES[url.protocol];
    if (scheme === undefined) {
      throw new LoadgenError('BUG', { reason: `the http driver was given ${url.protocol}` });
    }
    const { headers = {} } = context.options as HttpTargetOptions;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.connectTimeoutMs = connectTimeoutMs;
    this.keepsConnections = connection !== 'perRequest';
    this.#context = context;
    this.#target = { url, headers, closeEach: !this.keepsConnections };
    this.#connect = scheme.connect;
    this.#port = url.port === '' ? scheme.defaultPort : Number(url.port);
    this.resolver = new HostResolver(url.hostname.replace(/^\[(.*)\]$/, '$1'));
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareRequest(use, this.#target);
  }

  open(slot: number): HttpSession {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has an http session already` });
    }
    const session = new HttpSession(this, this.#firstTimer + slot, () => {
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

  connectTo(address: string, user: ConnectionUser): TcpConnection {
    return this.#connect({ address, port: this.#port }, user, this.#context);
  }
}

import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { SaltedPasswords } from '../../wire/postgres/authentication.ts';
import type { ChannelTarget } from '../../wire/postgres/channel.ts';
import { postgresConnector } from '../../wire/postgres/postgres-connector.ts';
import { readPostgresUrl, type PostgresPlace } from '../../wire/postgres/postgres-url.ts';
import type { TlsOptions } from '../../wire/tls/tls-options.ts';
import { FailureReasons } from '../failure-reasons.ts';
import { PostgresSession, type SessionSurroundings } from './postgres-session.ts';

/** What a worker hands to a driver, as far as sessions need it. */
export interface SessionsContext {
  readonly name: string;
  readonly url: string;
  readonly connectTimeoutMs: number;
  readonly baseFolder: string;
  readonly connection: 'perVu' | 'pooled' | 'perRequest';
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
}

/** Keys of a target that decide over its sessions. */
export interface SessionsOptions {
  readonly tls?: Partial<TlsOptions> | undefined;
  /** Of each session, such as `statement_timeout`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** The sessions of one target in one worker, and what they share. */
export class PostgresSessions implements SessionSurroundings {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly connectTimeoutMs: number;
  readonly keepsConnections: boolean;
  readonly target: ChannelTarget;
  readonly reasons = new FailureReasons();
  lateAnswers = 0;

  readonly #sessions: (PostgresSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: SessionsContext, { tls, settings = {} }: SessionsOptions) {
    const { clock, wheel, turns, slots, name, connectTimeoutMs } = context;
    this.clock = clock;
    this.wheel = wheel;
    this.turns = turns;
    this.slots = slots;
    this.connectTimeoutMs = connectTimeoutMs;
    this.keepsConnections = context.connection !== 'perRequest';
    const place = placeOf(context);
    this.target = {
      clock,
      credentials: { place, salted: new SaltedPasswords() },
      connector: postgresConnector({ ...context, name, place, tls }),
      settings: startupSettings(place, settings),
    };
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  open(slot: number): PostgresSession {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has a session of PostgreSQL already` });
    }
    const session = new PostgresSession(this, this.#firstTimer + slot, () => {
      this.#sessions[slot] = undefined;
    });
    this.#sessions[slot] = session;
    return session;
  }

  get openConnections(): number {
    return this.#sessions.reduce((sum, session) => sum + (session?.isOpen === true ? 1 : 0), 0);
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
  }
}

function placeOf({ url, name }: SessionsContext): PostgresPlace {
  try {
    return readPostgresUrl(url);
  } catch (thrown) {
    const reason = `its url ${reasonOf(thrown)}`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target: name, reason }, { cause: thrown });
  }
}

/** Settings go into the startup message, where they hold for the whole session. */
function startupSettings(
  { user, database }: PostgresPlace,
  settings: NonNullable<SessionsOptions['settings']>,
): Readonly<Record<string, string>> {
  const texts = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  const fixed = { user, database, client_encoding: 'UTF8', application_name: 'loadgen' };
  return { ...fixed, ...Object.fromEntries(texts) };
}

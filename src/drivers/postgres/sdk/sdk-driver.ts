import type { ClientConfig } from 'pg';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, VerbUse } from '../../driver.ts';
import { FailureReasons } from '../../vocabulary/failure-reasons.ts';
import type { PostgresTargetOptions, TransactionSpec } from '../postgres-config.ts';
import { clientConfig } from './client-config.ts';
import { SdkCompiler } from './sdk-request.ts';
import { SdkSession } from './sdk-session.ts';

/**
 * The client of PostgreSQL that an application would use: pg, one client a session, with its own
 * queue, parser and types. What it measures is the time around its calls.
 */
export class SdkDriver implements Driver {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly slots: OperationSlots;
  readonly keepsConnections: boolean;
  readonly clientConfig: ClientConfig;
  readonly reasons = new FailureReasons();
  lateAnswers = 0;

  readonly #name: string;
  readonly #compiler: SdkCompiler;
  readonly #sessions: (SdkSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: DriverContext) {
    const { clock, wheel, slots, name, seed } = context;
    const { protocol = 'prepared' } = context.options as Partial<PostgresTargetOptions>;
    this.clock = clock;
    this.wheel = wheel;
    this.slots = slots;
    this.keepsConnections = context.connection !== 'perRequest';
    this.clientConfig = clientConfig(context);
    this.#name = name;
    this.#compiler = new SdkCompiler(protocol, seed);
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  compile(use: VerbUse): PreparedOperation {
    if (use.verb === 'copy') throw this.#refused('the verb copy');
    if (use.verb === 'transaction' && (use.spec as TransactionSpec).pipeline) {
      throw this.#refused('a transaction with pipeline: true');
    }
    return this.#compiler.compile(use);
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

  #refused(what: string): LoadgenError {
    const reason = `client: sdk has not ${what}; client: raw has`;
    return new LoadgenError('TARGET_NOT_USABLE', { target: this.#name, reason });
  }
}

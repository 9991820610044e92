import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { FailureReasons } from '../failure-reasons.ts';
import { CallSession, type BoundCall, type CallSurroundings } from './call-session.ts';
import type { ToldSettings } from './index-settings.ts';
import { compileCall } from './vector-calls.ts';
import type { VectorClient } from './vector-client.ts';
import { VectorSession, type VectorRequest } from './vector-session.ts';

/** Collections that are told of, per worker and target. */
const KEPT_LIMIT = 32;

/** The measured path of a target: its verbs over sockets of our own. */
export interface RawPath {
  /** Undefined for a verb that it leaves to the client. */
  compile(use: VerbUse): PreparedOperation | undefined;
  open(slot: number): Session;
  openConnections(): number;
  failureReasons(): ReadonlyMap<string, number>;
  readonly lateAnswers: number;
  close(): void;
}

export interface VectorDriverParts {
  /** Set-up verbs, and all verbs where there is no raw path. */
  readonly client: VectorClient;
  /** Where READY_PHASES begin among the driver's phases. */
  readonly readyPhases: number;
  readonly raw?: RawPath | undefined;
}

/** A driver of a vector database: what two paths to one server have in common. */
export class VectorDriver implements Driver {
  readonly #context: DriverContext;
  readonly #raw: RawPath | undefined;
  readonly #calls: CallSurroundings;
  readonly #reasons = new FailureReasons();
  readonly #sessions: (VectorSession | undefined)[] = [];
  readonly #callSessions: (CallSession | undefined)[] = [];
  readonly #firstTimer: number;
  readonly #kept = new Map<string, ToldSettings>();
  #lateCalls = 0;

  constructor(context: DriverContext, { client, raw, readyPhases }: VectorDriverParts) {
    this.#context = context;
    this.#raw = raw;
    const late = (): void => void this.#lateCalls++;
    const keeps: CallSurroundings['keeps'] = (collection, settings) => {
      this.#kept.delete(collection);
      const isTold = Object.keys(settings).length > 0;
      if (isTold && this.#kept.size < KEPT_LIMIT) this.#kept.set(collection, settings);
    };
    this.#calls = { context, client, reasons: this.#reasons, readyPhases, keeps, late };
    this.#firstTimer = context.wheel.register(context.slots.count, (slot) =>
      this.#callSessions[slot]?.expire(),
    );
  }

  get lateAnswers(): number {
    return this.#lateCalls + (this.#raw?.lateAnswers ?? 0);
  }

  compile(use: VerbUse): PreparedOperation {
    const raw = this.#raw?.compile(use);
    if (raw !== undefined) return { bind: (scope): VectorRequest => ({ raw: raw.bind(scope) }) };
    const bind = compileCall(use);
    const timeoutNs = use.timeoutMs * NS_PER_MS;
    return {
      bind: (scope): VectorRequest => ({
        call: { call: bind(scope), timeoutNs } satisfies BoundCall,
      }),
    };
  }

  open(slot: number): Session {
    if (this.#sessions[slot] !== undefined) {
      throw new LoadgenError('BUG', { reason: `slot ${slot} has a vector session already` });
    }
    const calls = new CallSession(this.#calls, this.#firstTimer + slot);
    this.#callSessions[slot] = calls;
    const { readyPhases } = this.#calls;
    const session = new VectorSession(this.#context.slots, {
      calls,
      raw: this.#raw?.open(slot),
      readyPhases,
      forget: () => this.#forget(slot),
    });
    this.#sessions[slot] = session;
    return session;
  }

  failureReasons(): ReadonlyMap<string, number> {
    const both = new Map(this.#raw?.failureReasons());
    for (const [reason, count] of this.#reasons.counts) {
      both.set(reason, (both.get(reason) ?? 0) + count);
    }
    return both;
  }

  settingsKept(): ReadonlyMap<string, ToldSettings> {
    return this.#kept;
  }

  openConnections(): number {
    if (this.#raw !== undefined) return this.#raw.openConnections();
    return this.#sessions.reduce((sum, session) => sum + (session === undefined ? 0 : 1), 0);
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
    this.#raw?.close();
    this.#calls.client.close();
  }

  #forget(slot: number): void {
    this.#sessions[slot] = undefined;
    this.#callSessions[slot] = undefined;
  }
}

import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Clock } from '../../../base/time/clock.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { TurnQueue } from '../../../base/time/turn-queue.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import {
  PostgresChannel,
  type ChannelTarget,
  type ChannelUser,
} from '../../wire/postgres/channel.ts';
import { NO_STORE, STATUS, type Exchange } from '../../wire/postgres/exchange.ts';
import { simpleQuery } from '../../wire/postgres/frontend-messages.ts';
import {
  isOverload,
  isRetryable,
  isStaleStatement,
  shownServerError,
  type ServerError,
} from '../../wire/postgres/server-error.ts';
import type { FailureReasons } from '../failure-reasons.ts';
import { MissingRow, type PostgresOperation, type PostgresRequest } from './postgres-operation.ts';
import { RETRIES_COUNT, ROWS_COUNT, STATEMENTS_COUNT } from './postgres-counters.ts';
import { CONNECT_TIME, TLS_TIME } from './postgres-phases.ts';
import { PostgresResult } from './postgres-result.ts';

/** What the sessions of one target in one worker share. */
export interface SessionSurroundings {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly slots: OperationSlots;
  readonly connectTimeoutMs: number;
  /** Connections live on after an operation. */
  readonly keepsConnections: boolean;
  readonly target: ChannelTarget;
  readonly reasons: FailureReasons;
  /** Complete answers that came after their timeout; each closed its connection. */
  lateAnswers: number;
}

const NO_SLOT = -1;

const ROLLBACK: Exchange = {
  uses: [{ prepared: undefined, store: NO_STORE }],
  isSimple: true,
  copies: false,
};
const ROLLBACK_PAYLOAD = simpleQuery('ROLLBACK');

/** One session of PostgreSQL with at most one operation on it at a time. */
export class PostgresSession implements ChannelUser {
  readonly #shared: SessionSurroundings;
  readonly #timer: number;
  readonly #forget: () => void;
  readonly #channel: PostgresChannel;
  readonly #result: PostgresResult;

  #isConnecting = false;
  #connectStartNs = 0;
  /** Told when connecting ahead of load succeeded or failed. */
  #connectWaiter: ((isOpen: boolean) => void) | undefined;
  /** Of a connection whose first operation is still to come. */
  #connectTimeNs = Number.NaN;
  #tlsTimeNs = Number.NaN;

  /** The operation that is open, or NO_SLOT. */
  #slot = NO_SLOT;
  #request: PostgresRequest | undefined;
  #ended: () => void = ignore;
  #sentNs = 0;
  #deadlineNs = 0;
  /** The exchange that is under way. */
  #exchange = 0;
  #retriesLeft = 0;
  /** What went wrong, while the transaction is rolled back. */
  #failure: { readonly outcome: number; readonly error: ServerError | undefined } | undefined;

  constructor(shared: SessionSurroundings, timer: number, forget: () => void) {
    this.#shared = shared;
    this.#timer = timer;
    this.#forget = forget;
    this.#channel = new PostgresChannel(shared.target, this);
    this.#result = new PostgresResult(this.#channel);
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && !this.#isConnecting && this.#channel.isIdle;
  }

  /** Whether its connection stands, with or without an operation on it. */
  get isOpen(): boolean {
    return this.#channel.isOpen;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  /** The same, for whoever reads it without an expression. */
  get answer(): PostgresResult {
    return this.#result;
  }

  connect(): Promise<boolean> {
    if (this.usable) return Promise.resolve(true);
    if (this.#connectWaiter !== undefined || this.#slot !== NO_SLOT) throw busy();
    return new Promise((resolve) => {
      this.#connectWaiter = resolve;
      this.#beginConnect();
    });
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) throw busy();
    const { slots } = this.#shared;
    this.#slot = slot;
    this.#ended = ended;
    this.#request = request as PostgresRequest;
    this.#sentNs = 0;
    this.#failure = undefined;
    this.#result.clear();
    slots.free[slot] = Number.NaN;
    if (this.#channel.isIdle) this.#start(slots.acquired[slot]!);
    else if (!this.#isConnecting) this.#beginConnect();
  }

  abort(slot: number, outcome: number): void {
    if (slot !== this.#slot) return;
    this.#giveUp(outcome);
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#drop();
    this.#forget();
  }

  /** The timer of this session expired: the timeout of connecting, or that of the operation. */
  expire(): void {
    const { clock, connectTimeoutMs } = this.#shared;
    if (this.#isConnecting) {
      const reason = `not connected within ${connectTimeoutMs} ms`;
      this.openFailed(reason, clock.nowNs(), undefined);
      return;
    }
    this.#afterPoll(() => {
      // What was read meanwhile stands in the turn queue, behind this.
      if (this.#channel.hasMore) this.#afterPoll(() => this.#timeOut());
      else this.#timeOut();
    });
  }

  opened(stampNs: number): void {
    this.#isConnecting = false;
    this.#shared.wheel.cancel(this.#timer);
    this.#connectTimeNs = stampNs - this.#connectStartNs;
    this.#tlsTimeNs = this.#channel.handshakeNs;
    this.#tellConnectWaiter(true);
    if (this.#slot !== NO_SLOT) this.#start(stampNs);
  }

  openFailed(reason: string, stampNs: number, error: ServerError | undefined): void {
    this.#drop();
    this.#shared.reasons.count(reason);
    if (this.#slot === NO_SLOT) return;
    const isRejected = error !== undefined && isOverload(error);
    this.#finish(isRejected ? OUTCOME.rejected : OUTCOME.connect_failed, stampNs, false);
  }

  answered(stampNs: number): void {
    const { error } = this.#channel;
    if (this.#failure !== undefined) this.#rolledBack(stampNs);
    else if (error !== undefined) this.#failed(error, stampNs);
    else if (this.#exchange < this.#request!.operation.exchanges.length - 1) {
      this.#exchange++;
      this.#sendExchange(stampNs);
    } else this.#complete(OUTCOME.ok, undefined, stampNs);
  }

  broke(reason: string, stampNs: number, kind: 'lost' | 'protocol'): void {
    this.#shared.reasons.count(reason);
    const isLost = kind === 'lost';
    this.#finish(isLost ? OUTCOME.connection_lost : OUTCOME.protocol_error, stampNs, false);
  }

  unasked(reason: string): void {
    this.#shared.reasons.count(reason);
  }

  /**
   * Timers run before the poll for I/O: an answer that waits in the kernel is read first, and then
   * counted as late, instead of being thrown away unseen. Nothing happens if the operation ended.
   */
  #afterPoll(callback: () => void): void {
    const { clock, slots } = this.#shared;
    const slot = this.#slot;
    const generation = slots.generation[slot];
    clock.nextTurn(() => {
      if (this.#slot === slot && slots.generation[slot] === generation) callback();
    });
  }

  #timeOut(): void {
    this.#shared.reasons.count(this.#timeoutReason());
    this.#giveUp(OUTCOME.timeout);
  }

  /** The server is told to stop as well: it would go on, and keep its locks. */
  #giveUp(outcome: number): void {
    if (this.#sentNs !== 0) this.#channel.cancel();
    this.#finish(outcome, this.#shared.clock.nowNs(), false);
  }

  #beginConnect(): void {
    const { clock, wheel, connectTimeoutMs } = this.#shared;
    this.#isConnecting = true;
    this.#connectStartNs = clock.nowNs();
    wheel.arm(this.#timer, this.#connectStartNs + connectTimeoutMs * NS_PER_MS);
    this.#channel.open();
  }

  #tellConnectWaiter(isOpen: boolean): void {
    this.#connectWaiter?.(isOpen);
    this.#connectWaiter = undefined;
  }

  #start(grantedNs: number): void {
    const { slots, wheel, clock } = this.#shared;
    const { operation } = this.#request!;
    slots.granted[this.#slot] = grantedNs;
    this.#deadlineNs = grantedNs + operation.timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    this.#exchange = 0;
    this.#retriesLeft = operation.retries;
    this.#channel.clearAnswers();
    this.#sentNs = clock.nowNs();
    this.#sendExchange(this.#sentNs);
  }

  #sendExchange(stampNs: number): void {
    const { operation, payloads } = this.#request!;
    const payload = payloads[this.#exchange]!;
    const exchange = operation.exchanges[this.#exchange]!;
    if (typeof payload === 'string') {
      this.#channel.send(exchange, payload);
      return;
    }
    let late: string;
    try {
      late = payload(this.#channel.stores);
    } catch (thrown) {
      if (!(thrown instanceof MissingRow)) throw thrown;
      this.#shared.reasons.count(thrown.message);
      this.#rollBackOr(OUTCOME.check_failed, undefined, stampNs);
      return;
    }
    this.#channel.send(exchange, late);
  }

  #failed(error: ServerError, stampNs: number): void {
    const outcome = isOverload(error) ? OUTCOME.rejected : OUTCOME.status_error;
    if (this.#retriesLeft === 0 || !isRetryable(error)) {
      this.#shared.reasons.count(shownServerError(error));
    }
    this.#rollBackOr(outcome, error, stampNs);
  }

  /** Ends the operation, once what it left open is rolled back. */
  #rollBackOr(outcome: number, error: ServerError | undefined, stampNs: number): void {
    const { status } = this.#channel;
    const { isTransaction } = this.#request!.operation;
    this.#failure = { outcome, error };
    if (status === STATUS.failed || (isTransaction && status === STATUS.inTransaction)) {
      this.#channel.send(ROLLBACK, ROLLBACK_PAYLOAD);
    } else this.#rolledBack(stampNs);
  }

  /** As pgbench does: at once, and with the same values. */
  #rolledBack(stampNs: number): void {
    const { outcome, error } = this.#failure!;
    if (error === undefined || !isRetryable(error) || this.#retriesLeft === 0) {
      this.#complete(outcome, error, stampNs);
      return;
    }
    this.#retriesLeft--;
    this.#shared.slots.counts[RETRIES_COUNT]![this.#slot]!++;
    this.#failure = undefined;
    this.#exchange = 0;
    this.#channel.clearAnswers();
    this.#sendExchange(stampNs);
  }

  /** The server has said all that it has to say about it. */
  #complete(outcome: number, error: ServerError | undefined, stampNs: number): void {
    const { slots, turns, keepsConnections } = this.#shared;
    slots.free[this.#slot] = turns.freeNs;
    if (stampNs > this.#deadlineNs) {
      this.#shared.lateAnswers++;
      this.#shared.reasons.count(this.#timeoutReason());
      this.#finish(OUTCOME.timeout, stampNs, false);
      return;
    }
    this.#result.fill(this.#operation, error);
    const isStale = error !== undefined && isStaleStatement(error);
    this.#finish(outcome, stampNs, keepsConnections && !isStale);
  }

  get #operation(): PostgresOperation {
    return this.#request!.operation;
  }

  #timeoutReason(): string {
    return `no answer within ${this.#operation.timeoutNs / NS_PER_MS} ms`;
  }

  #finish(outcome: number, doneNs: number, keepsConnection: boolean): void {
    const { slots, wheel } = this.#shared;
    const slot = this.#slot;
    wheel.cancel(this.#timer);
    if (this.#sentNs === 0) slots.granted[slot] = doneNs;
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    slots.phases[CONNECT_TIME]![slot] = this.#connectTimeNs;
    slots.phases[TLS_TIME]![slot] = this.#tlsTimeNs;
    if (this.#sentNs !== 0) {
      slots.counts[STATEMENTS_COUNT]![slot]! += this.#channel.statementsDone;
      slots.counts[ROWS_COUNT]![slot]! += this.#channel.rowsAffected;
    }
    slots.generation[slot]!++;
    this.#connectTimeNs = Number.NaN;
    this.#tlsTimeNs = Number.NaN;
    if (!keepsConnection) this.#drop();
    slots.bytesSent[slot] = this.#channel.bytesSent;
    slots.bytesReceived[slot] = this.#channel.bytesReceived;
    this.#channel.bytesSent = 0;
    this.#channel.bytesReceived = 0;
    this.#slot = NO_SLOT;
    this.#request = undefined;
    this.#ended();
  }

  #drop(): void {
    if (this.#isConnecting) this.#shared.wheel.cancel(this.#timer);
    this.#channel.drop();
    this.#isConnecting = false;
    this.#connectTimeNs = Number.NaN;
    this.#tlsTimeNs = Number.NaN;
    this.#tellConnectWaiter(false);
  }
}

function busy(): LoadgenError {
  const reason = 'a session of PostgreSQL was used for two things at once';
  return new LoadgenError('BUG', { reason });
}

function ignore(): void {
  // Until the first operation there is nobody to tell.
}

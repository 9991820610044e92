import type { Socket } from 'node:net';
import { Client, DatabaseError, type QueryResult } from 'pg';
import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import {
  RETRIES_COUNT,
  ROWS_COUNT,
  STATEMENTS_COUNT,
} from '../../vocabulary/postgres/postgres-counters.ts';
import { MissingRow } from '../../vocabulary/postgres/postgres-operation.ts';
import { CONNECT_TIME, TLS_TIME } from '../../vocabulary/postgres/postgres-phases.ts';
import {
  endsSession,
  isOverload,
  isRetryable,
  isStaleStatement,
} from '../../wire/postgres/server-error.ts';
import type { SdkDriver } from './sdk-driver.ts';
import type { NamedRows, SdkQuery, SdkRequest } from './sdk-request.ts';

const NO_SLOT = -1;

/** A client of pg, with one operation on it at a time. */
export class SdkSession implements Session {
  result: Readonly<Record<string, unknown>> = {};

  readonly #driver: SdkDriver;
  readonly #timer: number;
  readonly #forget: () => void;
  #client: Client | undefined;
  #isOpen = false;
  #connectTimeNs = Number.NaN;
  /** Each operation has a number of its own: what comes for an older one is not heard. */
  #turn = 0;

  #slot = NO_SLOT;
  #ended: () => void = () => {};
  #sentNs = 0;
  #deadlineNs = 0;
  #timeoutNs = 0;
  #readBefore = 0;
  #writtenBefore = 0;

  constructor(driver: SdkDriver, timer: number, forget: () => void) {
    this.#driver = driver;
    this.#timer = timer;
    this.#forget = forget;
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && this.#isOpen;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async connect(): Promise<boolean> {
    if (this.#isOpen) return true;
    const error = await this.#open();
    if (error !== undefined) this.#driver.reasons.count(reasonOf(error));
    return error === undefined;
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) {
      const reason = 'a client of pg was used for two things at once';
      throw new LoadgenError('BUG', { reason });
    }
    const { slots } = this.#driver;
    this.#slot = slot;
    this.#ended = ended;
    this.#sentNs = 0;
    this.result = {};
    slots.free[slot] = Number.NaN;
    void this.#run(given as SdkRequest, ++this.#turn);
  }

  abort(slot: number, outcome: number): void {
    if (slot === this.#slot) this.#finish(outcome, false);
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
    this.#drop();
    this.#forget();
  }

  expire(): void {
    this.#driver.clock.nextTurn(() => {
      if (this.#slot === NO_SLOT || this.#driver.clock.nowNs() < this.#deadlineNs) return;
      this.#driver.reasons.count(this.#timeoutReason());
      this.abort(this.#slot, OUTCOME.timeout);
    });
  }

  async #run(request: SdkRequest, turn: number): Promise<void> {
    const { slots, clock, wheel } = this.#driver;
    let grantedNs = slots.acquired[this.#slot]!;
    if (!this.#isOpen) {
      const error = await this.#open();
      if (turn !== this.#turn) return;
      if (error !== undefined) {
        this.#fail(error, OUTCOME.connect_failed, turn);
        return;
      }
      grantedNs = clock.nowNs();
    }
    slots.granted[this.#slot] = grantedNs;
    this.#timeoutNs = request.timeoutNs;
    this.#deadlineNs = grantedNs + request.timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    this.#sentNs = clock.nowNs();
    for (let left = request.retries; ; left--) {
      const failure = await this.#attempt(request);
      if (turn !== this.#turn) return;
      if (failure === undefined) {
        this.#succeed();
        return;
      }
      const isRetried = left > 0 && failure instanceof DatabaseError && isRetryable(told(failure));
      if (!isRetried) {
        this.#fail(failure, OUTCOME.connection_lost, turn);
        return;
      }
      slots.counts[RETRIES_COUNT]![this.#slot]!++;
    }
  }

  /** Resolves with what went wrong, after what it left open was rolled back. */
  async #attempt({ statements, isTransaction }: SdkRequest): Promise<Error | undefined> {
    const named: Record<string, NamedRows[string]> = {};
    let last: QueryResult | undefined;
    let statementsDone = 0;
    let rowCount = 0;
    try {
      for (const { name, query } of statements) {
        const result = await this.#query(query(named));
        statementsDone++;
        rowCount += result.rowCount ?? 0;
        if (result.fields.length > 0) last = result;
        if (name !== undefined) named[name] = result.rows as NamedRows[string];
      }
    } catch (thrown) {
      if (isTransaction && this.#isOpen) await this.#query({ text: 'ROLLBACK' }).catch(() => {});
      return thrown as Error;
    }
    this.result = { rows: last?.rows ?? [], results: named, rowCount, code: '00000', message: '' };
    if (this.#slot === NO_SLOT) return undefined;
    const { counts } = this.#driver.slots;
    counts[STATEMENTS_COUNT]![this.#slot]! += statementsDone;
    counts[ROWS_COUNT]![this.#slot]! += rowCount;
    return undefined;
  }

  #query(query: SdkQuery): Promise<QueryResult> {
    // pg's own types want a list that can be changed.
    return this.#client!.query(query as SdkQuery & { values: unknown[] });
  }

  async #open(): Promise<Error | undefined> {
    const { clock } = this.#driver;
    const startNs = clock.nowNs();
    const client = new Client(this.#driver.clientConfig);
    this.#client = client;
    // After the connection broke there is nobody else to tell.
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    try {
      await client.connect();
    } catch (thrown) {
      return thrown as Error;
    }
    if (client !== this.#client) return new Error('closed while connecting');
    this.#isOpen = true;
    this.#connectTimeNs = clock.nowNs() - startNs;
    this.#readBefore = 0;
    this.#writtenBefore = 0;
    return undefined;
  }

  #lost(client: Client): void {
    if (client === this.#client) this.#isOpen = false;
  }

  #succeed(): void {
    const { clock, keepsConnections } = this.#driver;
    if (clock.nowNs() <= this.#deadlineNs) {
      this.#finish(OUTCOME.ok, keepsConnections);
      return;
    }
    this.#driver.lateAnswers++;
    this.#driver.reasons.count(this.#timeoutReason());
    this.#finish(OUTCOME.timeout, false);
  }

  /** `otherwise` is the outcome of what the server did not say. */
  #fail(error: Error, otherwise: number, turn: number): void {
    if (turn !== this.#turn) return;
    const { reasons, keepsConnections } = this.#driver;
    if (error instanceof MissingRow) {
      reasons.count(error.message);
      this.#finish(OUTCOME.check_failed, keepsConnections);
    } else if (!(error instanceof DatabaseError)) {
      reasons.count((error as NodeJS.ErrnoException).code ?? error.message);
      this.#finish(otherwise, false);
    } else {
      const { code, message } = told(error);
      reasons.count(`${code}: ${message}`);
      this.result = { rows: [], results: {}, rowCount: 0, code, message };
      const outcome = endsSession(told(error)) ? otherwise : OUTCOME.status_error;
      const keeps = keepsConnections && !isStaleStatement(told(error));
      this.#finish(isOverload(told(error)) ? OUTCOME.rejected : outcome, keeps);
    }
  }

  #timeoutReason(): string {
    return `no answer within ${this.#timeoutNs / NS_PER_MS} ms`;
  }

  #finish(outcome: number, keepsConnection: boolean): void {
    const { slots, wheel, clock } = this.#driver;
    const slot = this.#slot;
    const doneNs = clock.nowNs();
    wheel.cancel(this.#timer);
    this.#turn++;
    if (this.#sentNs === 0) slots.granted[slot] = doneNs;
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    const { bytesWritten = 0, bytesRead = 0 } = this.#socket ?? {};
    slots.bytesSent[slot] =
      this.#sentNs === 0 ? 0 : Math.max(bytesWritten - this.#writtenBefore, 0);
    slots.bytesReceived[slot] = Math.max(bytesRead - this.#readBefore, 0);
    this.#writtenBefore = bytesWritten;
    this.#readBefore = bytesRead;
    slots.phases[CONNECT_TIME]![slot] = this.#connectTimeNs;
    slots.phases[TLS_TIME]![slot] = Number.NaN;
    slots.generation[slot]!++;
    this.#connectTimeNs = Number.NaN;
    if (!keepsConnection) this.#drop();
    this.#slot = NO_SLOT;
    this.#ended();
  }

  /** pg tells of no way to its socket. */
  get #socket(): Socket | undefined {
    return (this.#client as { connection?: { stream?: Socket } } | undefined)?.connection?.stream;
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#client = undefined;
    this.#isOpen = false;
  }
}

/** pg's error in the words of the raw client. */
function told({ severity, code, message }: DatabaseError) {
  return { severity: severity ?? 'ERROR', code: code ?? 'XX000', message };
}

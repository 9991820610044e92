import type { Clock } from '../../../base/time/clock.ts';
import type { Connection, ConnectionUser } from '../connection.ts';
import { BACKEND, BackendReader, type BackendListener } from './backend-reader.ts';
import { cancelWork } from './cancel.ts';
import { countInTag } from './command-tag.ts';
import { NO_STORE, type Exchange } from './exchange.ts';
import { COPY_FAIL, parseStatement, startup, SYNC } from './frontend-messages.ts';
import { KEPT_ROWS_LIMIT_BYTES } from './limits.ts';
import type { PostgresConnector } from './postgres-connector.ts';
import { readColumns, RowStore, type Column } from './row-store.ts';
import {
  endsSession,
  readServerError,
  shownServerError,
  type ServerError,
} from './server-error.ts';
import { Startup, type CancelKey, type Credentials } from './startup.ts';

/** Who uses a channel; each is called at most once for what was asked. */
export interface ChannelUser {
  opened(stampNs: number): void;
  /** `error` where the server itself refused. */
  openFailed(reason: string, stampNs: number, error: ServerError | undefined): void;
  /** The exchange is over: `channel` has what it brought. */
  answered(stampNs: number): void;
  /** The exchange has no answer any more; the connection is gone. */
  broke(reason: string, stampNs: number, kind: 'lost' | 'protocol'): void;
  /** Nothing was asked, and the connection is gone or not to be used. */
  unasked(reason: string): void;
}

export interface ChannelTarget {
  readonly clock: Clock;
  readonly connector: PostgresConnector;
  readonly credentials: Credentials;
  /** The settings of its startup message. */
  readonly settings: Readonly<Record<string, string>>;
}

type State = 'closed' | 'opening' | 'idle' | 'busy';

/** One session of PostgreSQL over one connection at a time, with one exchange at a time. */
export class PostgresChannel implements ConnectionUser, BackendListener {
  /** Of the last exchange: what the server objected to. */
  error: ServerError | undefined;
  /** Rows that it says it touched, over all statements. */
  rowsAffected = 0;
  /** Rows that came. */
  rowsReturned = 0;
  statementsDone = 0;
  /** One of STATUS. */
  status = 0;
  /** Since the connection was begun, or the counts were taken. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Rows of the statements that have one, until they are cleared. */
  readonly stores: RowStore[] = [];

  readonly #target: ChannelTarget;
  readonly #user: ChannelUser;
  readonly #reader: BackendReader;
  #connection: Connection | undefined;
  #state: State = 'closed';
  #startup: Startup | undefined;
  #cancelKey: CancelKey | undefined;
  /** Addresses to try, from the one being tried. */
  #addresses: readonly string[] = [];
  #attempt = 0;
  /** By statement: 1 where this connection knows it. */
  #prepared: Uint8Array = new Uint8Array(8);
  #columns: (readonly Column[] | undefined)[] = [];
  #exchange: Exchange | undefined;
  /** The statement whose answer is read, and the one that is being parsed. */
  #use = 0;
  #parsing = 0;
  #stampNs = 0;

  constructor(target: ChannelTarget, user: ChannelUser) {
    this.#target = target;
    this.#user = user;
    this.#reader = new BackendReader(this);
  }

  /** An exchange can begin at once. */
  get isIdle(): boolean {
    return this.#state === 'idle' && this.#connection!.isIdle;
  }

  get isOpen(): boolean {
    return (this.#state === 'idle' || this.#state === 'busy') && !this.#connection!.hasEnded;
  }

  /** More has arrived than was read. */
  get hasMore(): boolean {
    return this.#connection?.hasMore === true;
  }

  get handshakeNs(): number {
    return this.#connection?.handshakeNs ?? Number.NaN;
  }

  get unsentBytes(): number {
    return this.#connection?.unsentBytes ?? 0;
  }

  /** Begins a new connection, and drops what there was. */
  open(): void {
    const { addresses } = this.#target.connector;
    this.drop();
    this.#state = 'opening';
    this.bytesReceived = 0;
    this.bytesSent = 0;
    const known = addresses.next();
    if (known !== undefined) {
      this.#tryAddresses(known);
      return;
    }
    const attempt = this.#attempt;
    const isStale = (): boolean => this.#attempt !== attempt;
    addresses.resolve().then(
      (found) => isStale() || this.#tryAddresses(found),
      (error: unknown) => isStale() || this.#openFailed(codeOf(error), this.#nowNs()),
    );
  }

  /** Says `exchange`; its user hears when it is answered. */
  send(exchange: Exchange, payload: string): void {
    const { uses } = exchange;
    this.#exchange = exchange;
    this.#state = 'busy';
    this.#use = 0;
    this.#parsing = 0;
    this.error = undefined;
    let front = '';
    for (let i = 0; i < uses.length; i++) {
      const { prepared, store } = uses[i]!;
      if (prepared === undefined) continue;
      if (!this.#knows(prepared.index)) {
        front += parseStatement(prepared, store !== NO_STORE);
      } else if (store !== NO_STORE) this.#store(store).columns = this.#columns[prepared.index];
    }
    this.#write(front === '' ? payload : front + payload);
  }

  /** Forgets what the exchanges before brought. */
  clearAnswers(): void {
    for (let i = 0; i < this.stores.length; i++) this.stores[i]!.clear();
    this.rowsAffected = 0;
    this.rowsReturned = 0;
    this.statementsDone = 0;
  }

  /** Closes the connection at once; nobody hears of it. */
  drop(): void {
    this.#attempt++;
    this.#state = 'closed';
    this.#exchange = undefined;
    this.#startup = undefined;
    this.#cancelKey = undefined;
    if (this.#connection === undefined) return;
    this.bytesSent -= this.#connection.unsentBytes;
    this.#connection.destroy();
    this.#connection = undefined;
  }

  /** Asks the server to end what it is doing for this channel. */
  cancel(): void {
    const [address] = this.#addresses;
    if (this.#cancelKey !== undefined && address !== undefined) {
      cancelWork(this.#cancelKey, address, this.#target);
    }
  }

  connected(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#target.connector.addresses.keep(this.#addresses[0]!);
    this.#startup = new Startup(this.#target.credentials);
    this.#reader.begin();
    this.#prepared.fill(0);
    this.#columns = [];
    this.#write(startup(this.#target.settings));
  }

  received(connection: Connection, bytes: Buffer, from: number, to: number, stampNs: number): void {
    if (connection !== this.#connection) return;
    this.#stampNs = stampNs;
    this.bytesReceived += to - from;
    this.#reader.take(bytes, from, to);
    const { failure } = this.#reader;
    if (failure !== undefined && connection === this.#connection) this.#broke(failure, 'protocol');
  }

  ended(connection: Connection, stampNs: number): void {
    if (connection !== this.#connection) return;
    this.#stampNs = stampNs;
    const { failure } = connection;
    if (this.#state === 'busy') this.#broke(this.#endReason(failure), 'lost');
    else if (this.#state === 'idle') this.drop();
    else if (this.#startup === undefined) this.#tryNextAddress(failure, stampNs);
    else this.#openFailed(failure ?? 'closed while the session was opened', stampNs);
  }

  isRead(type: number): boolean {
    if (type === BACKEND.copyData) return false;
    return type !== BACKEND.dataRow || this.#storeInUse() !== undefined;
  }

  message(type: number, bytes: Buffer, from: number, to: number): boolean {
    const connection = this.#connection;
    if (this.#state === 'busy') this.#answer(type, bytes, from, to);
    else if (this.#state === 'opening') this.#starting(type, bytes, from, to);
    else this.#unasked(type, bytes, from, to);
    return connection === this.#connection;
  }

  /** Within an exchange; the most frequent ones first. */
  #answer(type: number, bytes: Buffer, from: number, to: number): void {
    switch (type) {
      case BACKEND.bindComplete:
        return;
      case BACKEND.dataRow:
        this.#row(bytes, from, to);
        return;
      case BACKEND.commandComplete:
        this.rowsAffected += countInTag(bytes, to - 2);
        this.#statementDone();
        return;
      case BACKEND.readyForQuery:
        this.#ready(bytes[from]!);
        return;
      case BACKEND.emptyQueryResponse:
        this.#statementDone();
        return;
      case BACKEND.errorResponse:
        // Of several, the first says what went wrong.
        this.error ??= readServerError(bytes, from, to);
        return;
      case BACKEND.parseComplete:
        this.#parsed();
        return;
      case BACKEND.rowDescription:
        this.#described(readColumns(bytes, from));
        return;
      case BACKEND.copyInResponse:
        if (!this.#exchange!.copies)
          this.#write(this.#exchange!.isSimple ? COPY_FAIL : COPY_FAIL + SYNC);
        return;
      case BACKEND.authentication:
      case BACKEND.backendKeyData:
        this.#broke('a message of the startup within an exchange', 'protocol');
        return;
      default: // Notices, parameters, and what copies and descriptions say beside.
    }
  }

  #row(bytes: Buffer, from: number, to: number): void {
    this.rowsReturned++;
    const rows = this.#storeInUse();
    if (rows === undefined || rows.add(bytes, from, to)) return;
    this.#broke(`kept rows over ${KEPT_ROWS_LIMIT_BYTES / 2 ** 20} MiB`, 'protocol');
  }

  /** Of the statement whose answer is read. */
  #storeInUse(): RowStore | undefined {
    const store = this.#exchange?.uses[this.#use]?.store ?? NO_STORE;
    return store === NO_STORE ? undefined : this.#store(store);
  }

  #store(index: number): RowStore {
    while (this.stores.length <= index) this.stores.push(new RowStore());
    return this.stores[index]!;
  }

  #statementDone(): void {
    this.statementsDone++;
    if (this.#use < this.#exchange!.uses.length - 1) this.#use++;
  }

  #ready(status: number): void {
    this.status = status;
    this.#state = 'idle';
    this.#exchange = undefined;
    this.#user.answered(this.#stampNs);
  }

  /** Statements are parsed in their order: this is the next that the connection did not know. */
  #parsed(): void {
    const { uses } = this.#exchange!;
    while (this.#parsing < uses.length) {
      const { prepared } = uses[this.#parsing++]!;
      if (prepared === undefined || this.#knows(prepared.index)) continue;
      this.#prepared[prepared.index] = 1;
      return;
    }
  }

  /** Columns come once where a statement is prepared, else with each of its answers. */
  #described(columns: readonly Column[]): void {
    const parsed = this.#exchange!.uses[this.#parsing - 1];
    if (parsed?.prepared !== undefined) {
      this.#columns[parsed.prepared.index] = columns;
      this.#store(parsed.store).columns = columns;
      return;
    }
    const rows = this.#storeInUse();
    rows?.clear();
    if (rows !== undefined) rows.columns = columns;
  }

  #knows(index: number): boolean {
    if (index >= this.#prepared.length) {
      const larger = new Uint8Array(2 * index);
      larger.set(this.#prepared);
      this.#prepared = larger;
    }
    return this.#prepared[index] === 1;
  }

  #starting(type: number, bytes: Buffer, from: number, to: number): void {
    if (type === BACKEND.errorResponse) {
      const error = readServerError(bytes, from, to);
      this.#openFailed(shownServerError(error), this.#stampNs, error);
      return;
    }
    const begun = this.#startup!;
    if (type === BACKEND.readyForQuery) {
      this.status = bytes[from]!;
      this.#cancelKey = begun.cancelKey;
      this.#startup = undefined;
      this.#state = 'idle';
      this.#user.opened(this.#stampNs);
      return;
    }
    const answer = begun.take(type, bytes, from, to);
    if (begun.failure !== undefined) this.#openFailed(begun.failure, this.#stampNs);
    else if (answer !== undefined) this.#write(answer);
  }

  /** Servers tell of notices, parameters and their own end whenever they like. */
  #unasked(type: number, bytes: Buffer, from: number, to: number): void {
    if (
      type === BACKEND.noticeResponse ||
      type === BACKEND.parameterStatus ||
      type === BACKEND.notificationResponse
    ) {
      return;
    }
    this.drop();
    if (type !== BACKEND.errorResponse) this.#user.unasked('bytes that no request asked for');
    else this.#user.unasked(shownServerError(readServerError(bytes, from, to)));
  }

  #tryAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#startup = undefined;
    this.#connection = this.#target.connector.connect(addresses[0]!, this);
  }

  #tryNextAddress(failure: string | undefined, stampNs: number): void {
    const [, ...others] = this.#addresses;
    if (others.length > 0) this.#tryAddresses(others);
    else this.#openFailed(failure ?? 'closed while connecting', stampNs);
  }

  #openFailed(reason: string, stampNs: number, error?: ServerError): void {
    this.drop();
    this.#user.openFailed(reason, stampNs, error);
  }

  #endReason(failure: string | undefined): string {
    if (this.error !== undefined && endsSession(this.error)) return shownServerError(this.error);
    return failure ?? 'closed before the answer was complete';
  }

  #broke(reason: string, kind: 'lost' | 'protocol'): void {
    const wasAsked = this.#state === 'busy';
    const wasOpening = this.#state === 'opening';
    const stampNs = this.#stampNs;
    this.drop();
    if (wasOpening) this.#user.openFailed(reason, stampNs, undefined);
    else if (wasAsked) this.#user.broke(reason, stampNs, kind);
    else this.#user.unasked(reason);
  }

  #write(payload: string): void {
    this.bytesSent += payload.length;
    this.#connection!.write(payload);
  }

  #nowNs(): number {
    return this.#target.clock.nowNs();
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

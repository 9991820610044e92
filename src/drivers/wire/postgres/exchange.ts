/** A statement that is prepared once a connection. */
export interface Statement {
  /** Counts from 0 among those of one target. */
  readonly index: number;
  readonly name: string;
  /** Its SQL as UTF-8 bytes. */
  readonly sql: string;
}

/** Where nobody reads the rows of a statement. */
export const NO_STORE = -1;

/** One statement of an exchange. */
export interface StatementUse {
  /** Undefined where the payload holds the SQL itself. */
  readonly prepared: Statement | undefined;
  /** Index of the store that its rows go to, or NO_STORE. */
  readonly store: number;
}

/** What is said at once, up to the server's ReadyForQuery, apart from its values. */
export interface Exchange {
  /** In their order; those to prepare occur once each. */
  readonly uses: readonly StatementUse[];
  /** The simple protocol ends with a ReadyForQuery of its own. */
  readonly isSimple: boolean;
  /** The payload holds the rows of a COPY. */
  readonly copies: boolean;
}

/** How a server stands after an exchange. */
export const STATUS = { idle: 0x49, inTransaction: 0x54, failed: 0x45 } as const;

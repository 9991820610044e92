import { ERROR_TABLE, type ErrorCode } from './error-table.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';

/** Values for the `{name}` places of a message. */
export type ErrorValues = Readonly<Record<string, string | number>>;

/** An error as plain data: an `Error` that crosses threads loses its class and its code. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly values: ErrorValues;
  readonly stack?: string;
}

/** A broken set-up or a bug. A failed request is never one: it is data with an outcome. */
export class LoadgenError extends Error {
  override readonly name = 'LoadgenError';
  readonly code: ErrorCode;
  readonly values: ErrorValues;

  constructor(code: ErrorCode, values: ErrorValues = {}, options?: ErrorOptions) {
    super(fill(ERROR_TABLE[code].message, values), options);
    this.code = code;
    this.values = values;
  }

  get hint(): string {
    return fill(ERROR_TABLE[this.code].hint, this.values);
  }

  get exitCode(): ExitCode {
    return EXIT_CODES[ERROR_TABLE[this.code].exit];
  }

  toRecord(): ErrorRecord {
    return { code: this.code, values: this.values, ...(this.stack && { stack: this.stack }) };
  }

  static fromRecord(record: ErrorRecord): LoadgenError {
    const error = new LoadgenError(record.code, record.values);
    if (record.stack !== undefined) error.stack = record.stack;
    return error;
  }

  /** Any thrown value as a LoadgenError; what is not one already is a bug. */
  static from(thrown: unknown): LoadgenError {
    if (thrown instanceof LoadgenError) return thrown;
    const error = new LoadgenError('BUG', { reason: reasonOf(thrown) }, { cause: thrown });
    if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack;
    return error;
  }
}

/** The text of whatever was thrown, without its class name. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function fill(template: string, values: ErrorValues): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    name in values ? String(values[name]) : place,
  );
}

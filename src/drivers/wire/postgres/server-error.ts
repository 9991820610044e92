/** An ErrorResponse or NoticeResponse, as far as it is read. */
export interface ServerError {
  /** ERROR, FATAL or PANIC; not translated. */
  readonly severity: string;
  /** The five characters of the SQLSTATE. */
  readonly code: string;
  readonly message: string;
}

const SEVERITY = 'S';
const SEVERITY_NOT_LOCALIZED = 'V';
const CODE = 'C';
const MESSAGE = 'M';

/** Reads the body of an ErrorResponse: fields of one letter and a text each. */
export function readServerError(bytes: Buffer, from: number, to: number): ServerError {
  const fields: Record<string, string> = {};
  for (let at = from; at < to && bytes[at] !== 0;) {
    const end = bytes.indexOf(0, at + 1);
    if (end < 0 || end >= to) break;
    fields[String.fromCharCode(bytes[at]!)] = bytes.toString('utf8', at + 1, end);
    at = end + 1;
  }
  return {
    severity: fields[SEVERITY_NOT_LOCALIZED] ?? fields[SEVERITY] ?? 'ERROR',
    code: fields[CODE] ?? 'XX000',
    message: fields[MESSAGE] ?? 'no message',
  };
}

/** `53300: sorry, too many clients already`. */
export function shownServerError({ code, message }: ServerError): string {
  return `${code}: ${message}`;
}

/** Serialisation failure and deadlock: the transaction may succeed when it is tried again. */
const RETRYABLE = new Set(['40001', '40P01']);

export function isRetryable({ code }: ServerError): boolean {
  return RETRYABLE.has(code);
}

/** The prepared statement is gone (26000), or its columns have changed (0A000). */
export function isStaleStatement({ code }: ServerError): boolean {
  return code === '26000' || code === '0A000';
}

/** Class 53, insufficient resources: the server says that it is overloaded. */
export function isOverload({ code }: ServerError): boolean {
  return code.startsWith('53');
}

/** The server closes the connection after it. */
export function endsSession({ severity }: ServerError): boolean {
  return severity === 'FATAL' || severity === 'PANIC';
}

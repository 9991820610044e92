/**
 * What a client says, as texts of bytes (./byte-text.ts). Names, SQL and values are handed in as
 * UTF-8 bytes already. Source: PostgreSQL documentation, "Message Formats", protocol version 3.0.
 */
import { int16, int32, utf8Bytes } from './byte-text.ts';
import type { Statement } from './exchange.ts';

const PROTOCOL_3_0 = 196_608;
const SSL_REQUEST_CODE = 80_877_103;
const CANCEL_REQUEST_CODE = 80_877_102;

/** The most parameters that one statement takes. */
export const PARAMETERS_LIMIT = 65_535;

export const SYNC: string = message('S', '');
export const COPY_DONE: string = message('c', '');
/** Ends a COPY that nobody has rows for. */
export const COPY_FAIL: string = message('f', 'this client has no rows for it\0');
/** Asks whether TLS may begin; the answer is one byte, `S` or `N`. */
export const SSL_REQUEST: string = untyped(int32(SSL_REQUEST_CODE));

/** Runs the unnamed portal to its end, all rows. */
const EXECUTE_ALL = message('E', `\0${int32(0)}`);
/** No formats given: every parameter is text. */
const TEXT_PARAMETERS = int16(0);
const TEXT_RESULTS = int16(0);

/** Opens a session with settings such as `user` and `database`. */
export function startup(settings: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(settings).map(([name, value]) => `${name}\0${utf8Bytes(value)}\0`);
  return untyped(`${int32(PROTOCOL_3_0)}${pairs.join('')}\0`);
}

/** Asks the server, over a connection of its own, to end what another one is doing. */
export function cancelRequest(key: {
  readonly processId: number;
  readonly secret: string;
}): string {
  return untyped(`${int32(CANCEL_REQUEST_CODE)}${int32(key.processId)}${key.secret}`);
}

/** The simple protocol: one or more statements, with their values within. */
export function simpleQuery(sql: string): string {
  return message('Q', `${sql}\0`);
}

/** The types of parameters are left to the server. */
export function parse(name: string, sql: string): string {
  return message('P', `${name}\0${sql}\0${int16(0)}`);
}

/** Prepares a statement, and asks for its columns where somebody reads them. */
export function parseStatement({ name, sql }: Statement, describes: boolean): string {
  return parse(name, sql) + (describes ? message('D', `S${name}\0`) : '');
}

/** Asks for the columns of what the last `bind` made. */
const DESCRIBE_PORTAL = message('D', 'P\0');

/** Binds `values` (null is NULL) to the unnamed portal of statement `name`, and runs it. */
export function bindAndExecute(name: string, values: readonly (string | null)[]): string {
  return bind(name, values) + EXECUTE_ALL;
}

/** The same, and asks for the columns in between. */
export function bindDescribeExecute(name: string, values: readonly (string | null)[]): string {
  return bind(name, values) + DESCRIBE_PORTAL + EXECUTE_ALL;
}

function bind(name: string, values: readonly (string | null)[]): string {
  let body = `\0${name}\0${TEXT_PARAMETERS}${int16(values.length)}`;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    body += value === null ? NULL_LENGTH : int32(value.length) + value;
  }
  return message('B', body + TEXT_RESULTS);
}

const NULL_LENGTH = int32(-1);

export function copyData(rows: string): string {
  return message('d', rows);
}

/** A password in clear text or as MD5 makes it. */
export function password(text: string): string {
  return message('p', `${text}\0`);
}

export function saslInitialResponse(mechanism: string, response: string): string {
  return message('p', `${mechanism}\0${int32(response.length)}${response}`);
}

export function saslResponse(response: string): string {
  return message('p', response);
}

function message(type: string, body: string): string {
  return type + int32(body.length + 4) + body;
}

function untyped(body: string): string {
  return int32(body.length + 4) + body;
}

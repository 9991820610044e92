import { HeaderDecoder } from '../../wire/http2/hpack/header-decoder.ts';
import { PreparedFields } from '../../wire/http2/hpack/header-encoder.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import { becomesGet } from '../request-edits.ts';
import { isPseudoField, literalOf } from './http2-head.ts';
import type { Http2HttpRequest } from './http2-request.ts';

/** Requests that are changed are said in literals alone: no connection is to remember them. */
const NO_FIELDS = new PreparedFields([]);

/** Path and query. */
export function targetOf(request: Http2HttpRequest): string {
  return valueOf(fieldsOf(request), ':path');
}

/** The same request with one more header. */
export function withCookies(request: Http2HttpRequest, cookies: string): Http2HttpRequest {
  const cookie = literalOf({ name: 'cookie', value: cookies });
  return { ...request, literals: request.literals + cookie };
}

/** The request that a redirect with `status` leads to. */
export function redirected(
  request: Http2HttpRequest,
  status: number,
  to: string,
): Http2HttpRequest {
  const fields = fieldsOf(request);
  const method = valueOf(fields, ':method');
  const changed = fields.map((field) => (field.name === ':path' ? { ...field, value: to } : field));
  if (!becomesGet(method, status)) return rebuilt(request, changed);
  const { rest: _rest, ...bodiless } = request;
  const kept = changed
    .filter(({ name }) => name !== 'content-type' && name !== 'content-length')
    .map((field) => (field.name === ':method' ? { ...field, value: 'GET' } : field));
  return rebuilt({ ...bodiless, pieces: [] }, kept);
}

/** All fields of a request; literals are read back, which needs no table. */
function fieldsOf({ leading, fields, literals }: Http2HttpRequest): HeaderField[] {
  const bytes = Buffer.from(leading + literals, 'latin1');
  return [...new HeaderDecoder().decode(bytes, 0, bytes.length), ...fields.fields];
}

function rebuilt(request: Http2HttpRequest, fields: readonly HeaderField[]): Http2HttpRequest {
  const texts = (isPseudo: boolean): string =>
    fields
      .filter((field) => isPseudoField(field) === isPseudo)
      .map(literalOf)
      .join('');
  return { ...request, leading: texts(true), fields: NO_FIELDS, literals: texts(false) };
}

function valueOf(fields: readonly HeaderField[], wanted: string): string {
  return fields.find(({ name }) => name === wanted)!.value;
}

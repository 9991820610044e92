import type { HttpRequest } from '../vocabulary/http/http-request.ts';

const HEAD_END = '\r\n\r\n';

/** What the request line of a request says. */
export interface RequestLine {
  readonly method: string;
  /** Path and query. */
  readonly requestTarget: string;
}

export function requestLineOf({ payload }: HttpRequest): RequestLine {
  const end = payload.indexOf('\r\n');
  const text =
    typeof payload === 'string' ? payload.slice(0, end) : payload.toString('latin1', 0, end);
  const [method = '', requestTarget = ''] = text.split(' ');
  return { method, requestTarget };
}

/** The same request with one more header, put first. */
export function withHeader(request: HttpRequest, line: string): HttpRequest {
  const [head, body] = parts(request);
  const at = head.indexOf('\r\n') + 2;
  return rebuilt(request, `${head.slice(0, at)}${line}\r\n${head.slice(at)}`, body);
}

/** The request that a redirect with `status` leads to (RFC 9110 section 15.4). */
export function redirected(request: HttpRequest, status: number, to: string): HttpRequest {
  const [head, body] = parts(request);
  const { method } = requestLineOf(request);
  const [, ...lines] = head.split('\r\n');
  if (!becomesGet(method, status))
    return rebuilt(request, [`${method} ${to} HTTP/1.1`, ...lines].join('\r\n'), body);
  const kept = lines.filter((line) => !/^content-(type|length):/i.test(line));
  const { rest: _rest, ...bodiless } = request;
  return rebuilt(bodiless, [`GET ${to} HTTP/1.1`, ...kept].join('\r\n'), EMPTY);
}

/** Whether the request after a redirect is a GET without a body, whatever it was. */
export function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'HEAD';
  return method === 'POST' && (status === 301 || status === 302);
}

const EMPTY = Buffer.alloc(0);

/** Request line and headers with the blank line, and what of the body stands behind them. */
function parts({ payload }: HttpRequest): [head: string, body: Buffer] {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const bodyAt = bytes.indexOf(HEAD_END) + HEAD_END.length;
  return [bytes.toString('latin1', 0, bodyAt), bytes.subarray(bodyAt)];
}

function rebuilt(request: HttpRequest, head: string, body: Buffer): HttpRequest {
  const payload = Buffer.concat([Buffer.from(head, 'latin1'), body]);
  const rest = request.rest?.reduce((sum, part) => sum + part.byteLength, 0) ?? 0;
  return { ...request, payload, byteLength: payload.length + rest };
}

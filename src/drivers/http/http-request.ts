import { TemplateBuilder } from '../../base/expressions/template-builder.ts';
import type { Scope, Template } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../driver.ts';
import type { ResponseExpectation } from '../wire/http1/response-parser.ts';
import type { BodyFiles } from '../wire/body/body-files.ts';
import type { BodyPart } from '../wire/body/body-sender.ts';
import { fileRequest } from './file-request.ts';
import { addTemplate, bodyOf, isFile } from './http-body.ts';
import type { HttpRequestSpec, HttpTargetOptions } from './http-config.ts';
import { USER_AGENT } from './user-agent.ts';

/** What a target says about each of its requests. */
export interface HttpTarget {
  /** Its key in the scenario. */
  readonly name: string;
  readonly url: URL;
  readonly headers: NonNullable<HttpTargetOptions['headers']>;
  /** Each request has a connection of its own and says so. */
  readonly closeEach: boolean;
  readonly files: BodyFiles;
}

/** What all requests of one step have in common. */
export interface HttpOperation {
  readonly timeoutNs: number;
  readonly expectation: ResponseExpectation;
}

/** One request, ready to be written. */
export interface HttpRequest {
  readonly operation: HttpOperation;
  /** A text has no character above U+00FF: it is written as Latin-1, a byte each. */
  readonly payload: string | Buffer;
  readonly byteLength: number;
  /** What follows the payload piece by piece; missing where the payload is all. */
  readonly rest?: readonly BodyPart[];
}

/**
 * Prepares the bytes of a step's request as far as they do not change from row to row; what is
 * left for each request is joining texts. A request in which nothing changes is one buffer.
 */
export function prepareRequest(use: VerbUse, target: HttpTarget): PreparedOperation {
  const spec = use.spec as HttpRequestSpec;
  const body = bodyOf(use, spec);
  const method = spec.method ?? (body === undefined ? 'GET' : 'POST');
  const { fieldsRead } = use;
  const operation: HttpOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    expectation: {
      bodiless: method === 'HEAD',
      keepHead: fieldsRead.has('headers'),
      keepBody: fieldsRead.has('json') || fieldsRead.has('text'),
    },
  };
  const contentType = body?.contentType;
  const head = headTemplate(use, { spec, target, method, contentType });
  if (body === undefined) {
    if (!METHODS_WITH_BODY.has(method)) return bodilessRequest(operation, head);
    return requestWithBody(operation, head, EMPTY);
  }
  const [piece] = body.pieces;
  if (body.pieces.length === 1 && !isFile(piece!)) return requestWithBody(operation, head, piece!);
  return fileRequest({ operation, head, body, files: target.files, target: target.name });
}

/** Without a body they say `content-length: 0` (RFC 9110 section 8.6). */
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const EMPTY = new TemplateBuilder().build();

function bodilessRequest(operation: HttpOperation, head: Template): PreparedOperation {
  if (head.constant !== undefined) return constantRequest(operation, `${head.constant}\r\n`, '');
  return {
    bind(scope: Scope): HttpRequest {
      const payload = `${head.render(scope)}\r\n`;
      return { operation, payload, byteLength: payload.length };
    },
  };
}

function requestWithBody(
  operation: HttpOperation,
  head: Template,
  body: Template,
): PreparedOperation {
  if (body.constant === undefined) {
    return {
      bind(scope: Scope): HttpRequest {
        const text = body.render(scope);
        const bodyBytes = Buffer.byteLength(text);
        const headText = `${head.render(scope)}Content-Length: ${bodyBytes}\r\n\r\n`;
        return joined(operation, headText, text, bodyBytes);
      },
    };
  }
  const text = body.constant;
  const bodyBytes = Buffer.byteLength(text);
  const headEnd = `Content-Length: ${bodyBytes}\r\n\r\n`;
  if (head.constant !== undefined) return constantRequest(operation, head.constant + headEnd, text);
  return {
    bind: (scope: Scope) => joined(operation, head.render(scope) + headEnd, text, bodyBytes),
  };
}

function constantRequest(operation: HttpOperation, head: string, body: string): PreparedOperation {
  const payload = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body, 'utf8')]);
  const request: HttpRequest = { operation, payload, byteLength: payload.length };
  return { bind: () => request };
}

/** A body of ASCII alone goes out as text, which spares making a buffer of it. */
function joined(
  operation: HttpOperation,
  head: string,
  body: string,
  bodyBytes: number,
): HttpRequest {
  const byteLength = head.length + bodyBytes;
  if (bodyBytes === body.length) return { operation, payload: head + body, byteLength };
  const payload = Buffer.allocUnsafe(byteLength);
  payload.write(head, 0, 'latin1');
  payload.write(body, head.length, 'utf8');
  return { operation, payload, byteLength };
}

interface HeadParts {
  readonly spec: HttpRequestSpec;
  readonly target: HttpTarget;
  readonly method: string;
  readonly contentType: string | undefined;
}

/** Request line and headers, without content-length and the blank line. */
function headTemplate(use: VerbUse, parts: HeadParts): Template {
  const { spec, target, method } = parts;
  const builder = new TemplateBuilder();
  builder.addStatic(`${method} `);
  addRequestTarget(builder, use, { spec, url: target.url });
  builder.addStatic(' HTTP/1.1\r\n');
  for (const [name, value] of headersOf(parts)) {
    builder.addStatic(`${name}: `);
    addTemplate(builder, use.template(value, 'header'));
    builder.addStatic('\r\n');
  }
  if (target.closeEach) builder.addStatic('Connection: close\r\n');
  return builder.build();
}

interface TargetParts {
  readonly spec: HttpRequestSpec;
  readonly url: URL;
}

function addRequestTarget(builder: TemplateBuilder, use: VerbUse, { spec, url }: TargetParts) {
  const { path = '' } = spec;
  const basePath = path === '' ? url.pathname : url.pathname.replace(/\/$/, '');
  builder.addStatic(basePath);
  addTemplate(builder, use.template(path, 'url-path'));
  let separator = path.includes('?') ? '&' : '?';
  if (url.search !== '') {
    builder.addStatic(separator + url.search.slice(1));
    separator = '&';
  }
  for (const [name, value] of Object.entries(spec.query ?? {})) {
    builder.addStatic(`${separator}${encodeURIComponent(name)}=`);
    addTemplate(builder, use.template(String(value), 'url-query'), encodeURIComponent);
    separator = '&';
  }
}

/** Name as written → value: the step's win over the target's, those over the defaults. */
function headersOf({ spec, target, contentType }: HeadParts): Iterable<[string, string]> {
  const headers = new Map<string, [string, string]>();
  const set = (name: string, value: string): void => {
    headers.set(name.toLowerCase(), [name, value]);
  };
  set('Host', target.url.host);
  set('User-Agent', USER_AGENT);
  set('Accept', '*/*');
  const { username, password } = target.url;
  if (username !== '' || password !== '') set('Authorization', basicCredentials(target.url));
  if (contentType !== undefined) set('Content-Type', contentType);
  for (const [name, value] of Object.entries(target.headers)) set(name, value);
  for (const [name, value] of Object.entries(spec.headers ?? {})) set(name, value);
  return headers.values();
}

function basicCredentials({ username, password }: URL): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

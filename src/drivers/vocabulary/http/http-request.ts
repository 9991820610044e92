import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { TemplateBuilder } from '../../../base/expressions/template-builder.ts';
import type { Scope, Template } from '../../../base/expressions/template.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import type { ResponseExpectation } from '../../wire/http1/response-parser.ts';
import type { BodyFiles } from '../../wire/body/body-files.ts';
import type { BodyPart } from '../../wire/body/body-sender.ts';
import { fileRequest } from './file-request.ts';
import type { AwsSigner } from '../../wire/aws/sigv4.ts';
import type { AuthOptions } from './http-auth.ts';
import { bodyOf, isFile, type HttpBody } from './http-body.ts';
import { httpHead, type HttpHead } from './http-head.ts';
import type { HttpHeaders } from './http-headers-schema.ts';
import type { HttpRequestSpec } from './http-request-schema.ts';

/** What a target says about each of its requests. */
export interface HttpTarget {
  /** Its key in the scenario. */
  readonly name: string;
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** Each request has a connection of its own and says so. */
  readonly closeEach: boolean;
  readonly files: BodyFiles;
  readonly auth?: AuthOptions | undefined;
  /** Where each request is signed. */
  readonly signer?: AwsSigner | undefined;
  /** The driver itself reads the heads of answers. */
  readonly readsHeads: boolean;
  /** Says that answers may be compressed. */
  readonly decompress: boolean;
  /** Milliseconds since 1970, for signatures. */
  nowMs(): number;
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
  const { spec, body, method, operation } = planRequest(use, target);
  const contentType = body?.contentType;
  const head = httpHead(use, { spec, target, method, contentType });
  if (body === undefined) {
    if (!METHODS_WITH_BODY.has(method)) return bodilessRequest(operation, head);
    return requestWithBody(operation, head, EMPTY);
  }
  const [piece] = body.pieces;
  if (body.pieces.length === 1 && !isFile(piece!)) return requestWithBody(operation, head, piece!);
  refuseToSignFiles(target);
  return fileRequest({ operation, head, body, files: target.files, target: target.name });
}

/** What a request is before it is put into the bytes of a version of HTTP. */
export interface RequestPlan {
  readonly spec: HttpRequestSpec;
  readonly body: HttpBody | undefined;
  readonly method: string;
  readonly operation: HttpOperation;
}

export function planRequest(use: VerbUse, target: HttpTarget): RequestPlan {
  const spec = use.spec as HttpRequestSpec;
  const body = bodyOf(use, spec);
  const method = spec.method ?? (body === undefined ? 'GET' : 'POST');
  const { fieldsRead } = use;
  const keepBody = fieldsRead.has('json') || fieldsRead.has('text');
  const operation: HttpOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    expectation: {
      bodiless: method === 'HEAD',
      keepHead: fieldsRead.has('headers') || target.readsHeads || (keepBody && target.decompress),
      keepBody,
    },
  };
  return { spec, body, method, operation };
}

/** Throws where a signature would have to cover a body that is not there as a text. */
export function refuseToSignFiles({ signer, name }: HttpTarget): void {
  if (signer === undefined || signer.credentials.service === 's3') return;
  const reason = 'files in bodies can be signed for the service s3 only';
  throw new LoadgenError('TARGET_NOT_USABLE', { target: name, reason });
}

/** Without a body they say `content-length: 0` (RFC 9110 section 8.6). */
export const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const EMPTY = new TemplateBuilder().build();

function bodilessRequest(operation: HttpOperation, head: HttpHead): PreparedOperation {
  if (head.constant !== undefined) return constantRequest(operation, `${head.constant}\r\n`, '');
  return {
    bind(scope: Scope): HttpRequest {
      const payload = `${head.render(scope, '')}\r\n`;
      return { operation, payload, byteLength: payload.length };
    },
  };
}

function requestWithBody(
  operation: HttpOperation,
  head: HttpHead,
  body: Template,
): PreparedOperation {
  if (body.constant === undefined) {
    return {
      bind(scope: Scope): HttpRequest {
        const text = body.render(scope);
        return textRequest(operation, head.render(scope, text), text);
      },
    };
  }
  const text = body.constant;
  const bodyBytes = Buffer.byteLength(text);
  const headEnd = `Content-Length: ${bodyBytes}\r\n\r\n`;
  if (head.constant !== undefined) return constantRequest(operation, head.constant + headEnd, text);
  return {
    bind: (scope: Scope) => joined(operation, head.render(scope, text) + headEnd, text, bodyBytes),
  };
}

function constantRequest(operation: HttpOperation, head: string, body: string): PreparedOperation {
  const payload = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body, 'utf8')]);
  const request: HttpRequest = { operation, payload, byteLength: payload.length };
  return { bind: () => request };
}

/** A request with a text as its body; `head` is without its content-length and the blank line. */
export function textRequest(operation: HttpOperation, head: string, text: string): HttpRequest {
  const bodyBytes = Buffer.byteLength(text);
  return joined(operation, `${head}Content-Length: ${bodyBytes}\r\n\r\n`, text, bodyBytes);
}

/** A request with bytes as its body, one piece after the other. */
export function bytesRequest(
  operation: HttpOperation,
  head: string,
  pieces: readonly Buffer[],
): HttpRequest {
  const bodyBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const whole = Buffer.from(`${head}Content-Length: ${bodyBytes}\r\n\r\n`, 'latin1');
  const payload = Buffer.concat([whole, ...pieces], whole.length + bodyBytes);
  return { operation, payload, byteLength: payload.length };
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

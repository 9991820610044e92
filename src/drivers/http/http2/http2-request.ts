import type { Scope } from '../../../base/expressions/template.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import type { BodyPart } from '../../wire/body/body-sender.ts';
import { PreparedFields } from '../../wire/http2/hpack/header-encoder.ts';
import { bodyParts } from '../../vocabulary/http/file-request.ts';
import { isFile, type HttpBody } from '../../vocabulary/http/http-body.ts';
import {
  METHODS_WITH_BODY,
  planRequest,
  refuseToSignFiles,
  type HttpOperation,
  type HttpTarget,
} from '../../vocabulary/http/http-request.ts';
import { http2Head, lengthLiteral, type Http2Head } from './http2-head.ts';

/** One request, ready to be sent on a stream. */
export interface Http2HttpRequest {
  readonly operation: HttpOperation;
  /** Header fields as `Http2Request` of the connection has them. */
  readonly leading: string;
  readonly fields: PreparedFields;
  readonly literals: string;
  /** The body, or what of it stands before its first file. */
  readonly pieces: readonly Buffer[];
  /** What follows the pieces one after another; missing where they are all. */
  readonly rest?: readonly BodyPart[];
}

/** What a request is made of. */
interface RequestParts {
  readonly operation: HttpOperation;
  readonly head: Http2Head;
}

/**
 * Prepares a step's request as far as it does not change from row to row: fields that do not are
 * encoded once a connection, the others are literals put around them.
 */
export function prepareHttp2Request(use: VerbUse, target: HttpTarget): PreparedOperation {
  const { spec, body, method, operation } = planRequest(use, target);
  const contentType = body?.contentType;
  const headOf = (contentLength?: number): Http2Head =>
    http2Head(use, { spec, target, method, contentType }, contentLength);
  if (body === undefined) {
    const head = headOf(METHODS_WITH_BODY.has(method) ? 0 : undefined);
    return wholeRequest({ operation, head }, [], '');
  }
  const [piece] = body.pieces;
  if (body.pieces.length > 1 || isFile(piece!)) {
    refuseToSignFiles(target);
    return partsRequest({ operation, head: headOf() }, body, target);
  }
  const { constant } = piece!;
  if (constant !== undefined) {
    const bytes = Buffer.from(constant);
    return wholeRequest({ operation, head: headOf(bytes.length) }, [bytes], constant);
  }
  const head = headOf();
  return {
    bind(scope: Scope): Http2HttpRequest {
      const text = piece!.render(scope);
      const bytes = Buffer.from(text);
      const { leading, fields, literals } = head.render(scope, text);
      const withLength = literals + lengthLiteral(bytes.length);
      return { operation, leading, fields, literals: withLength, pieces: [bytes] };
    },
  };
}

/** A request whose body does not change; `text` is that body, for signatures. */
function wholeRequest(
  { operation, head }: RequestParts,
  pieces: readonly Buffer[],
  text: string,
): PreparedOperation {
  if (head.isConstant) {
    const request: Http2HttpRequest = { operation, ...head.render({}, text), pieces };
    return { bind: () => request };
  }
  return {
    bind(scope: Scope): Http2HttpRequest {
      const { leading, fields, literals } = head.render(scope, text);
      return { operation, leading, fields, literals, pieces };
    },
  };
}

/** A body with files in it, or of several parts. */
function partsRequest(
  { operation, head }: RequestParts,
  body: HttpBody,
  target: HttpTarget,
): PreparedOperation {
  const bindBody = bodyParts(body, { files: target.files, target: target.name });
  return {
    bind(scope: Scope): Http2HttpRequest {
      const parts = bindBody(scope).filter((part) => part.byteLength > 0);
      const bodyBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const { leading, fields, literals } = head.render(scope);
      const begun = { operation, leading, fields, literals: literals + lengthLiteral(bodyBytes) };
      const firstFile = parts.findIndex((part) => !Buffer.isBuffer(part));
      if (firstFile === -1) return { ...begun, pieces: parts as Buffer[] };
      const pieces = parts.slice(0, firstFile) as Buffer[];
      return { ...begun, pieces, rest: parts.slice(firstFile) };
    },
  };
}

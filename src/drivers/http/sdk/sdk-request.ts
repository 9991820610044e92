import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Scope } from '../../../base/expressions/template.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import { PIECE_BYTES, type BodyFiles } from '../../wire/body/body-files.ts';
import type { BodyPart } from '../../wire/body/body-sender.ts';
import { bodyParts } from '../../vocabulary/http/file-request.ts';
import { headFields } from '../../vocabulary/http/http-head.ts';
import {
  planRequest,
  type HttpOperation,
  type HttpTarget,
} from '../../vocabulary/http/http-request.ts';

/** One request in the words of undici's `dispatch`. */
export interface SdkRequest {
  readonly operation: HttpOperation;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  /** Made when the request is sent: a stream is read once. */
  body(): Buffer | Readable | null;
}

/** A step's request for the client of a library, which joins and frames it itself. */
export function prepareSdkRequest(use: VerbUse, target: HttpTarget): PreparedOperation {
  const { spec, body, method, operation } = planRequest(use, target);
  const head = headFields(use, { spec, target, method, contentType: body?.contentType });
  // undici writes Connection itself.
  const headers = head.headers.filter(([name]) => name !== 'Connection');
  const bindBody = body && bodyParts(body, { files: target.files, target: target.name });
  return {
    bind(scope: Scope): SdkRequest {
      const rendered = headers.flatMap(([name, value]) => [name, value.render(scope)]);
      const path = head.requestTarget.render(scope);
      const parts = bindBody?.(scope);
      if (parts?.every(Buffer.isBuffer) !== false) {
        const bytes = parts && Buffer.concat(parts as Buffer[]);
        return { operation, method, path, headers: rendered, body: () => bytes ?? null };
      }
      const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      rendered.push('Content-Length', String(length));
      const stream = (): Readable => Readable.from(contentOf(parts, target.files));
      return { operation, method, path, headers: rendered, body: stream };
    },
  };
}

async function* contentOf(parts: readonly BodyPart[], files: BodyFiles): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else if (part.byteLength > 0) {
      const range = { end: part.byteLength - 1, highWaterMark: PIECE_BYTES };
      yield* createReadStream(files.pathOf(part.path), range) as AsyncIterable<Buffer>;
    }
  }
}

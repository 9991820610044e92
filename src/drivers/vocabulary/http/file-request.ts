import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import { ExpressionError } from '../../../base/expressions/expression-error.ts';
import type { Scope, Template } from '../../../base/expressions/template.ts';
import type { PreparedOperation } from '../../driver.ts';
import type { BodyFiles } from '../../wire/body/body-files.ts';
import type { BodyPart } from '../../wire/body/body-sender.ts';
import { isFile, type HttpBody } from './http-body.ts';
import type { HttpHead } from './http-head.ts';
import type { HttpOperation, HttpRequest } from './http-request.ts';

/** A file that no row decides about and that is this small is read once and kept. */
export const KEPT_FILE_BYTES: number = 64 * 1024;

type Piece = Buffer | ((scope: Scope) => BodyPart);

export interface FileRequestParts {
  readonly operation: HttpOperation;
  readonly head: HttpHead;
  readonly body: HttpBody;
  readonly files: BodyFiles;
  /** The target's key in the scenario. */
  readonly target: string;
}

/**
 * A request with files in its body. Sizes are known before the first byte is sent; what begins
 * with a file, or follows it, is sent piece by piece while the head is under way.
 */
export function fileRequest(parts: FileRequestParts): PreparedOperation {
  const { operation, head, body } = parts;
  const bindBody = bodyParts(body, parts);
  return {
    bind(scope: Scope): HttpRequest {
      const bound = bindBody(scope);
      const bodyBytes = bound.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const headText = `${head.render(scope)}Content-Length: ${bodyBytes}\r\n\r\n`;
      const firstFile = bound.findIndex((part) => !Buffer.isBuffer(part) && part.byteLength > 0);
      const atOnce = (firstFile === -1 ? bound : bound.slice(0, firstFile)).filter(isBuffer);
      const payload = Buffer.concat([Buffer.from(headText, 'latin1'), ...atOnce]);
      const byteLength = headText.length + bodyBytes;
      if (firstFile === -1) return { operation, payload, byteLength };
      const rest = bound.slice(firstFile).filter((part) => part.byteLength > 0);
      return { operation, payload, byteLength, rest };
    },
  };
}

/** The parts of a body, sizes known, for one row. */
export function bodyParts(
  body: HttpBody,
  source: Pick<FileRequestParts, 'files' | 'target'>,
): (scope: Scope) => BodyPart[] {
  const pieces = body.pieces.map((piece) =>
    isFile(piece) ? filePiece(piece.path, source) : textPiece(piece),
  );
  return (scope) => pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : piece(scope)));
}

function isBuffer(part: BodyPart): part is Buffer {
  return Buffer.isBuffer(part);
}

function textPiece(template: Template): Piece {
  if (template.constant !== undefined) return Buffer.from(template.constant);
  return (scope) => Buffer.from(template.render(scope));
}

function filePiece(
  template: Template,
  { files, target }: Pick<FileRequestParts, 'files' | 'target'>,
): Piece {
  const { constant: path } = template;
  if (path === undefined) return (scope) => part(files, template.render(scope));
  try {
    const byteLength = files.sizeOf(path);
    if (byteLength <= KEPT_FILE_BYTES) return files.read(path);
    return () => ({ path, byteLength });
  } catch (thrown) {
    const reason = `the body file ${path} cannot be read: ${reasonOf(thrown)}`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target, reason }, { cause: thrown });
  }
}

function part(files: BodyFiles, path: string): BodyPart {
  try {
    return { path, byteLength: files.sizeOf(path) };
  } catch (thrown) {
    const reason = `the body file ${path} cannot be read: ${reasonOf(thrown)}`;
    throw new ExpressionError(reason, { text: path }, { cause: thrown });
  }
}

import { closeSync, fsyncSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { writing } from './not-writable.ts';
import { keepSpareDescriptors, openWithSpare } from './spare-descriptors.ts';

/** A document's text, whole or in chunks. */
export type DocumentText = string | Iterable<string>;

/**
 * Writes a document so that a reader finds the old one or the new one, whole, whenever the machine
 * stops: a temporary file beside it, flushed to disk, renamed over it, and the folder flushed too.
 */
export function writeDocument(path: string, text: DocumentText): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writing(path, () => {
    try {
      writeFlushed(temporary, text);
      renameSync(temporary, path);
    } catch (thrown) {
      rmSync(temporary, { force: true });
      throw thrown;
    }
    flushFolder(dirname(path));
    keepSpareDescriptors();
  });
}

/** As JSON with two spaces, which people read too, and a line break at the end. */
export function writeJson(path: string, value: unknown): void {
  writeDocument(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

function writeFlushed(path: string, text: DocumentText): void {
  const file = openWithSpare(path, 'w');
  try {
    for (const chunk of typeof text === 'string' ? [text] : text) writeAll(file, chunk);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** `writeSync` may write a part only; a full disk shows itself in the call after that. */
export function writeAll(file: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written);
  }
}

/** A rename is durable once its folder is; some file systems cannot flush one, and need not. */
function flushFolder(folder: string): void {
  let file: number | undefined;
  try {
    file = openWithSpare(folder, 'r');
    fsyncSync(file);
  } catch {
    // The document itself is flushed; losing the rename would leave the document before it.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

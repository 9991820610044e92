import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/**
 * Kept open by a process that records a trial, for the documents it has yet to write: where
 * connections took every descriptor there was, the result must still say so. Several, since a
 * connection may take what was just given back.
 */
const SPARES = 16;
const spares: number[] = [];

/** Takes descriptors while there are some; what is missing is taken when files are closed again. */
export function keepSpareDescriptors(): void {
  try {
    while (spares.length < SPARES) spares.push(openSync(devNull, 'r'));
  } catch {
    // Fewer are better than none.
  }
}

/** Opens a file, in the place of a spare where there is no other. */
export function openWithSpare(path: string, flags: string): number {
  for (;;) {
    try {
      return openSync(path, flags);
    } catch (thrown) {
      const spare = isForWantOfDescriptors(thrown) ? spares.pop() : undefined;
      if (spare === undefined) throw thrown;
      closeSync(spare);
    }
  }
}

function isForWantOfDescriptors(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

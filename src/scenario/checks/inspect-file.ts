import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../../base/errors/loadgen-error.ts';

/** Files up to this size are read whole while a scenario is checked; it takes a second. */
const READ_AT_ONCE_BYTES = 64 * 2 ** 20;

/**
 * What can be said of a file without opening it: a pipe or a device would keep the check waiting,
 * and a very big file is left to the run. A missing file is for whoever opens it to report.
 */
export function inspectFile(
  file: string,
  { baseFolder }: { readonly baseFolder: string },
): 'open it' | 'missing' | 'too big to read now' | { readonly problem: string } {
  try {
    const status = statSync(resolve(baseFolder, file), { throwIfNoEntry: false });
    if (status === undefined) return 'missing';
    if (status.isDirectory()) return 'open it';
    if (!status.isFile()) return { problem: 'this is a pipe or a device; expected a file' };
    return status.size > READ_AT_ONCE_BYTES ? 'too big to read now' : 'open it';
  } catch (thrown) {
    return { problem: `this is no path to a file: ${reasonOf(thrown)}` };
  }
}

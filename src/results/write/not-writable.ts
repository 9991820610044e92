import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';

/** Runs a write; what the system refuses becomes RESULTS_NOT_WRITABLE with the path it was for. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (thrown) {
    if (thrown instanceof LoadgenError) throw thrown;
    throw notWritable(path, writeReason(thrown), thrown);
  }
}

export function notWritable(path: string, reason: string, cause?: unknown): LoadgenError {
  return new LoadgenError('RESULTS_NOT_WRITABLE', { path, reason }, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file and not a folder',
  ENAMETOOLONG: 'the path is too long',
  EIO: 'the device reports an input/output error',
  EMFILE: 'this process has too many files open',
  ENOENT: 'the folder does not exist any more',
};

function writeReason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const known = REASONS[code];
  return known === undefined ? reasonOf(thrown) : `${known} (${code})`;
}

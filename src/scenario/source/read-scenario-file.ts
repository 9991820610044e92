import { readFileSync, statSync } from 'node:fs';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';

/** Far beyond any scenario: what is bigger is a data file given by mistake. */
export const MAX_SCENARIO_BYTES = 1_048_576;

/** The text of a scenario file. Throws SCENARIO_NOT_FOUND. */
export function readScenarioFile(file: string): string {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new Error('it is not a file');
    if (status.size > MAX_SCENARIO_BYTES) {
      throw new Error(
        `it has ${status.size} bytes, and a scenario has ${MAX_SCENARIO_BYTES} at most`,
      );
    }
    const bytes = readFileSync(file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw new LoadgenError('SCENARIO_NOT_FOUND', { file, reason: plainReason(thrown) });
  }
}

function plainReason(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8 text';
  return reasonOf(thrown);
}

import { ERROR_TABLE, type ErrorRow } from '../../src/base/errors/error-table.ts';
import { EXIT_CODES } from '../../src/base/errors/exit-codes.ts';
import { code, GENERATED, table } from './markdown.ts';

/** What each exit code means to whoever called loadgen. */
const MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  ok: 'Everything held.',
  runInvalid: 'The generator itself spoiled the measurement: the figures mean nothing.',
  targetUnreachable: 'A target could not be reached or was not ready.',
  serverNotStarted: 'A server that loadgen was to start did not start.',
  resultsNotWritable: 'The results could not be written.',
  thresholdsFailed:
    'A threshold failed or could not be decided, or a run fell behind its baseline.',
  prepareFailed: 'A step of `prepare` failed.',
  cleanUpFailed: 'A step of `cleanUp` failed.',
  configuration: 'The scenario, the command line or this machine’s limits are wrong.',
  interrupted: 'Somebody stopped the run.',
  bug: 'A bug in loadgen.',
};

/** `docs/errors.md`. */
export function errorsPage(): string {
  const rows: [string, ErrorRow][] = Object.entries(ERROR_TABLE);
  const codes = Object.entries(EXIT_CODES) as [keyof typeof EXIT_CODES, number][];
  return [
    GENERATED,
    '# Errors and exit codes\n',
    'An error is one paragraph on standard error: what went wrong and where, and what to do. ',
    'A stack is printed with `--debug` only. Failed requests are no errors: they are counted, by ',
    'outcome.\n',
    '## Exit codes\n',
    'With several causes, or several trials, the first of these counts: ',
    '109, 105, 104, 93, 92, 91, 100, 101, 90, 99.\n\n',
    table(
      ['exit code', 'meaning'],
      codes.map(([name, number]) => [String(number), MEANINGS[name]]),
    ),
    '\n## Errors\n',
    table(
      ['error', 'exit code', 'message', 'what to do'],
      rows.map(([name, { exit, message, hint }]) => [
        code(name),
        String(EXIT_CODES[exit]),
        places(message),
        places(hint),
      ]),
    ),
  ].join('\n');
}

/** `{file}` is filled in when it happens. */
function places(text: string): string {
  return text.replaceAll('\n', ' ').replace(/\{(\w+)\}/g, '_$1_');
}

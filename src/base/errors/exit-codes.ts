/**
 * What the process tells its caller. k6's numbers where the meaning is the same
 * (k6: errext/exitcodes/codes.go), numbers of our own from 90 on.
 */
export const EXIT_CODES = {
  ok: 0,
  runInvalid: 90,
  targetUnreachable: 91,
  serverNotStarted: 92,
  resultsNotWritable: 93,
  thresholdsFailed: 99,
  prepareFailed: 100,
  cleanUpFailed: 101,
  configuration: 104,
  interrupted: 105,
  bug: 109,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Worst first: with several causes, or several trials, the first that occurred is reported. */
const PRECEDENCE: readonly ExitCode[] = [109, 105, 104, 93, 92, 91, 100, 101, 90, 99, 0];

/** The exit code that stands for all of `codes`; 0 when there is none. */
export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return PRECEDENCE.find((code) => seen.has(code)) ?? EXIT_CODES.ok;
}

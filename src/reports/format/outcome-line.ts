import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { FAILED_OUTCOMES } from '../../measure/metrics/outcome.ts';
import type { BaselineComparison } from '../../results/schema/baseline.ts';
import type { Result, ResultThreshold } from '../../results/schema/result.ts';
import { abortWords } from './abort-words.ts';
import { baselineReasons } from './baseline-words.ts';
import { exitWords } from './exit-words.ts';
import { printable } from './printable.ts';
import { formatCount, formatCountOf } from './quantities.ts';
import { observedWords, thresholdName } from './threshold-words.ts';
import { cut } from './width.ts';

/** Reasons in the line; the reports have all of them. */
const REASONS_SHOWN = 2;
const LONGEST_LINE = 400;

export interface EndedRun {
  /** The worst of the trials where it is not given. */
  readonly exitCode?: number;
  readonly results: readonly Result[];
  /** What kept trials from having a result, or else goes first. */
  readonly reasons?: readonly string[];
  readonly baseline?: BaselineComparison | undefined;
}

/** How a run ended and why, in one line: the last one that CI shows. */
export function outcomeLine(run: EndedRun): string {
  const exitCode = exitCodeOf(run);
  const words = exitCode === 0 ? passedWords(run) : failedWords(exitCode, whyNot(run));
  return cut(printable(words), LONGEST_LINE);
}

export function exitCodeOf({ exitCode, results, baseline }: EndedRun): number {
  if (exitCode !== undefined) return exitCode;
  const codes = results.flatMap((one) => (one.exitCode as ExitCode) ?? []);
  const isHeld = baseline === undefined || baseline.status === 'held';
  return worstExitCode(isHeld ? codes : [...codes, EXIT_CODES.thresholdsFailed]);
}

function passedWords({ results, baseline }: EndedRun): string {
  const operations = sum(results, ({ accounts }) => accounts.measure.attempted);
  const failed = sum(results, failedCount);
  const held = sum(results, ({ thresholds }) => thresholds.length);
  const parts = [
    ...(results.length > 1 ? [formatCountOf(results.length, 'trial')] : []),
    formatCountOf(operations, 'operation'),
    failed === 0 ? 'none failed' : `${formatCount(failed)} failed`,
    held === 0 ? 'no threshold to hold' : `${formatCountOf(held, 'threshold')} held`,
    ...(baseline === undefined ? [] : ['no regression against the baseline']),
  ];
  return `PASSED: ${parts.join(', ')}`;
}

function failedWords(exitCode: number, reasons: readonly string[]): string {
  const distinct = [...new Set(reasons)];
  const more = distinct.length - REASONS_SHOWN;
  const rest = more > 0 ? `; and ${formatCountOf(more, 'reason')} more` : '';
  const shown = distinct.slice(0, REASONS_SHOWN).join('; ') || 'no trial came to a result';
  return `FAILED (exit code ${exitWords(exitCode)}): ${shown}${rest}`;
}

function whyNot({ results, reasons = [], baseline }: EndedRun): string[] {
  const several = results.length > 1;
  const own = results.flatMap((result) =>
    reasonsOf(result).map((reason) => (several ? `trial ${result.trial}: ${reason}` : reason)),
  );
  return [...reasons, ...own, ...(baseline === undefined ? [] : baselineReasons(baseline))];
}

/** Why a trial did not end with 0, the cause before what follows from it. */
function reasonsOf(result: Result): string[] {
  if (result.aborted !== undefined) return [`${abortWords(result.aborted)}${mostOften(result)}`];
  if (result.state === 'interrupted') return ['it was stopped before its end'];
  if (result.state === 'incomplete') return [result.notes[0] ?? 'it ended early'];
  const { state, reasons } = result.verdict;
  const failures = (result.preparations ?? []).map(({ failure }) => failure);
  return [
    ...failures.filter((failure) => failure !== null),
    ...(state === 'INVALID' ? [`INVALID: ${reasons.join(', ')}`] : []),
    ...result.thresholds
      .filter(({ status }) => status !== 'passed')
      .map((threshold, at) => `${thresholdReason(threshold)}${at === 0 ? mostOften(result) : ''}`),
  ];
}

/** `error_rate == 0%: 2.2%` */
function thresholdReason(threshold: ResultThreshold): string {
  const state = threshold.status === 'undecided' ? 'undecided, ' : '';
  const name = thresholdName(threshold).replace('  [', ' [');
  return `${name}: ${state}${observedWords(threshold)}`;
}

/** ` (most often: 40 × embeddings: no answer within 2s)` */
function mostOften({ failureReasons, targets }: Result): string {
  const [most] = failureReasons.toSorted((one, other) => other.count - one.count);
  if (most === undefined) return '';
  const where = targets.length > 1 ? `${most.target}: ` : '';
  return ` (most often: ${formatCount(most.count)} × ${where}${most.reason})`;
}

function failedCount({ accounts }: Result): number {
  const { operations } = accounts.measure;
  return FAILED_OUTCOMES.reduce((count, outcome) => count + (operations[outcome] ?? 0), 0);
}

function sum(results: readonly Result[], of: (result: Result) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}

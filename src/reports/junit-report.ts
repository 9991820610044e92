import { checkAccount } from '../measure/metrics/account.ts';
import type { BaselineComparison } from '../results/schema/baseline.ts';
import type { Result, ResultThreshold } from '../results/schema/result.ts';
import { abortWords } from './format/abort-words.ts';
import { baselineReasons, figureName, figureWords, pointName } from './format/baseline-words.ts';
import { observedWords, thresholdName } from './format/threshold-words.ts';
import type { Report, ReportedTrial } from './report.ts';

/**
 * Thresholds as test cases, for CI systems: a suite per trial, a case per threshold, and one for
 * the run itself. The format is the one Ant's task made common (testmoapp/junitxml describes it).
 */
export const junitReport: Report = ({ trials, baseline }) => {
  const compared = baselineCases(baseline);
  const suites = [
    ...trials.map(suite),
    ...(compared.length === 0 ? [] : [suiteElement('baseline', [], compared)]),
  ];
  const text = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${tallies([...trials.flatMap(({ result }) => cases(result)), ...compared])}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
  return { text };
};

interface TestCase {
  readonly name: string;
  readonly failure?: { readonly message: string; readonly type: string };
  /** Why it came to no judgement that counts. */
  readonly skipped?: string;
}

function suite({ result, folder }: ReportedTrial): string {
  const all = cases(result);
  const started = result.phases[0]?.startedAt;
  const about = [
    attribute('time', result.durationSeconds.toFixed(3)),
    ...(started === undefined ? [] : [attribute('timestamp', started)]),
  ];
  return suiteElement(suiteName(result), about, all, properties(result, folder));
}

function suiteElement(
  name: string,
  about: readonly string[],
  all: readonly TestCase[],
  lines: readonly string[] = [],
): string {
  const attributes = [attribute('name', name), tallies(all), ...about];
  return [
    `  <testsuite ${attributes.join(' ')}>`,
    ...lines,
    ...all.map((each) => caseElement(each, name)),
    '  </testsuite>',
  ].join('\n');
}

/** A case for each figure. One alone that is undecided fails nothing; all of them do. */
function baselineCases(comparison: BaselineComparison | undefined): TestCase[] {
  if (comparison === undefined) return [];
  const figures = comparison.points.flatMap((point) =>
    point.figures.map((figure): TestCase => {
      const name = `${figureName(figure)} ${pointName(point)}`.trim();
      const words = figureWords(figure);
      if (figure.status === 'undecided') return { name, skipped: words };
      if (figure.status === 'held') return { name };
      return { name, failure: { message: words, type: 'regression' } };
    }),
  );
  const whole = { name: 'something could be compared with the baseline' };
  if (comparison.status !== 'undecided') return [whole, ...figures];
  const message = baselineReasons(comparison).join('; ');
  return [{ ...whole, failure: { message, type: 'regression' } }, ...figures];
}

function suiteName(result: Result): string {
  const axes = Object.entries(result.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const trial = result.trialCount > 1 ? [`trial ${result.trial}`] : [];
  const repetition = result.repetition === undefined ? [] : [`repetition ${result.repetition}`];
  return [result.scenario, ...trial, ...repetition, ...axes].join(' ');
}

function properties(result: Result, folder: string): string[] {
  const values = { trialId: result.trialId, folder, verdict: result.verdict.state };
  return [
    '    <properties>',
    ...Object.entries(values).map(
      ([name, value]) =>
        `      <property ${attribute('name', name)} ${attribute('value', value)}/>`,
    ),
    '    </properties>',
  ];
}

function cases(result: Result): TestCase[] {
  return [runCase(result), ...result.thresholds.map(thresholdCase)];
}

/** Fails for a run that did not end well by itself, whatever its thresholds say. */
function runCase(result: Result): TestCase {
  const name = 'the run is whole and its account balances';
  const problems = [
    ...(result.state === 'complete' ? [] : [`the run is ${result.state}`]),
    ...(result.aborted === undefined ? [] : [abortWords(result.aborted)]),
    ...(result.verdict.state === 'INVALID'
      ? [`INVALID: ${result.verdict.reasons.join('; ')}`]
      : []),
    ...unbalanced(result),
  ];
  if (problems.length === 0) return { name };
  return { name, failure: { message: problems.join('; '), type: 'run' } };
}

function unbalanced({ accounts: { measure }, state }: Result): string[] {
  const identity = checkAccount(measure, state === 'complete');
  return identity === undefined ? [] : [`the account does not balance: ${identity}`];
}

function thresholdCase(threshold: ResultThreshold): TestCase {
  const name = thresholdName(threshold);
  if (threshold.status === 'passed') return { name };
  const message = `${threshold.status}: ${observedWords(threshold)}`;
  return { name, failure: { message, type: 'threshold' } };
}

function caseElement({ name, failure, skipped }: TestCase, className: string): string {
  const start = `    <testcase ${attribute('name', name)} ${attribute('classname', className)}`;
  if (skipped !== undefined) {
    const element = `      <skipped ${attribute('message', skipped)}/>`;
    return [`${start}>`, element, '    </testcase>'].join('\n');
  }
  if (failure === undefined) return `${start}/>`;
  const { message, type } = failure;
  return [
    `${start}>`,
    `      <failure ${attribute('message', message)} ${attribute('type', type)}/>`,
    '    </testcase>',
  ].join('\n');
}

function tallies(all: readonly TestCase[]): string {
  const failures = all.filter(({ failure }) => failure !== undefined).length;
  const skipped = all.filter((each) => each.skipped !== undefined).length;
  return `tests="${all.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function attribute(name: string, value: string): string {
  return `${name}="${escaped(value)}"`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * XML 1.0 has no way at all to write most control characters, so that they are replaced. Those it
 * has a way for are written as numbers: attributes lose line breaks, and terminals obey the rest.
 */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter]!)
    .replace(
      /[\t\n\r\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
      (letter) => `&#${letter.charCodeAt(0)};`,
    );
}

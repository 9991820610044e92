import type { Result } from '../../results/schema/result.ts';
import { exitCodeOf, outcomeLine } from '../format/outcome-line.ts';
import { markdownTable, markdownText } from '../format/markdown-text.ts';
import { formatDuration, formatRate, formatScore, formatShare } from '../format/quantities.ts';
import { observedWords, thresholdName } from '../format/threshold-words.ts';
import type { Report, ReportedTrial } from '../report.ts';
import { storagePerMillion } from '../storage.ts';
import { sweepPoints, type RepeatedFigure, type SweepPoint } from '../sweep-points.ts';
import { baselineSection } from './baseline-section.ts';
import { trialSections } from './trial-sections.ts';

/** Lines of trials' failures; all of them stand in their folders. */
const FAILURES_SHOWN = 50;

/**
 * For a comment on a pull request or the summary page of a CI job, in GitHub Flavored Markdown.
 * Every text that a scenario or a server chose stands in a code span.
 */
export const markdownReport: Report = ({ trials, baseline }) => {
  const results = trials.map(({ result }) => result);
  const [first] = results;
  const run = { results, baseline };
  const sign = exitCodeOf(run) === 0 ? '✓' : '✗';
  const lines = [
    `## ${sign} ${markdownText(first?.scenario ?? 'loadgen')}`,
    '',
    markdownText(outcomeLine(run)),
    '',
    ...(trials.length === 1 ? trialSections(trials[0]!) : pointSections(trials)),
    ...baselineSection(baseline),
    ...folderLine(trials),
  ];
  return { text: `${lines.join('\n').trimEnd()}\n` };
};

function pointSections(trials: readonly ReportedTrial[]): string[] {
  const points = sweepPoints(trials);
  const score = points.find((point) => point.score !== undefined)?.score?.name;
  const scores = score === undefined ? [] : [score];
  const results = trials.map(({ result }) => result);
  return [
    '### Points',
    '',
    ...markdownTable(
      ['point', 'runs', 'throughput', 'response p50', 'p99', ...scores, 'errors', 'exit'],
      points.map((point) => pointRow(point, scores.length > 0)),
    ),
    '',
    ...storageOfTrials(results),
    ...notPassed(results),
  ];
}

function pointRow(point: SweepPoint, isScored: boolean): string[] {
  const axes = Object.entries(point.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const exits = new Set(point.trials.map(({ result }) => String(result.exitCode ?? result.state)));
  return [
    axes.length === 0 ? 'all' : markdownText(axes.join(' ')),
    String(point.trials.length),
    figure(point.throughput, formatRate),
    figure(point.responseP50, formatDuration),
    figure(point.responseP99, formatDuration),
    ...(isScored ? [scoreText(point)] : []),
    figure(point.errorRate, formatShare),
    [...exits].join(', '),
  ];
}

function scoreText({ score }: SweepPoint): string {
  return score === undefined ? 'n/a' : figure(score.mean, formatScore);
}

function storageOfTrials(results: readonly Result[]): string[] {
  const rows = storagePerMillion(results).map((texts) => texts.map(markdownText));
  if (rows.length === 0) return [];
  const table = markdownTable(['', ''], rows, { right: false });
  return ['### Storage of a million rows', '', ...table, ''];
}

/** The median, with the lowest and highest where repetitions differ. */
function figure(found: RepeatedFigure, format: (value: number) => string): string {
  if (found.kind === 'none') {
    return found.reason?.kind === 'not-answered'
      ? `✗ ${formatShare(found.reason.share)} not answered`
      : 'n/a';
  }
  const [median, low, high] = [found.median, found.low, found.high].map(format);
  return low === high ? median! : `${median} (${low}–${high})`;
}

function notPassed(results: readonly Result[]): string[] {
  const rows = results.flatMap((result) =>
    result.thresholds
      .filter(({ status }) => status !== 'passed')
      .map((each) => [
        String(result.trial),
        each.status,
        markdownText(thresholdName(each)),
        markdownText(observedWords(each)),
      ]),
  );
  if (rows.length === 0) return [];
  const more = rows.length - FAILURES_SHOWN;
  return [
    '### Not passed',
    '',
    ...markdownTable(['trial', 'result', 'threshold', 'measured'], rows.slice(0, FAILURES_SHOWN), {
      right: false,
    }),
    ...(more > 0 ? ['', `… and ${more} more`] : []),
    '',
  ];
}

function folderLine(trials: readonly ReportedTrial[]): string[] {
  const folder = trials[0]?.folder ?? '';
  return folder === '' ? [] : [`Results: ${markdownText(folder)}`];
}

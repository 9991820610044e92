import {
  formatCountOf,
  formatDuration,
  formatRate,
  formatScore,
  formatShare,
} from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { alignedTable, tableWidth, type Cell } from '../format/table.ts';
import { notPassedWords } from '../format/threshold-words.ts';
import { abortWords } from '../format/abort-words.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import type { ReportedTrial } from '../report.ts';
import { sweepPoints, type RepeatedFigure, type SweepPoint } from '../sweep-points.ts';
import { labelled, REPORT_COLUMNS } from './section.ts';
import { storageOfTrials } from './storage.ts';

const AXES_COLUMNS = 40;
/** Trials whose failures get lines of their own. */
const FAILURES_SHOWN = 12;

/**
 * Several trials on one page: a line for each point of the sweep, over its repetitions, to compare
 * the points; then what did not pass, and where the whole summaries are.
 */
export function overview(trials: readonly ReportedTrial[], palette: Palette): string[] {
  const points = sweepPoints(trials);
  return [
    palette.strong(title(trials, points)),
    '',
    ...pointTable(points, palette),
    ...legend(points, palette),
    ...storageOfTrials(
      trials.map(({ result }) => result),
      palette,
    ),
    ...notPassed(trials, palette),
    ...suspect(trials, palette),
    ...folders(trials),
  ];
}

function title(trials: readonly ReportedTrial[], points: readonly SweepPoint[]): string {
  const { scenario, trialCount } = trials[0]!.result;
  const missing = trialCount > trials.length ? ` of ${trialCount}` : '';
  const parts = [scenario, `${trials.length}${missing} trials`];
  if (trials.length > points.length) parts.push(formatCountOf(points.length, 'point'));
  return cut(printable(parts.join(' · ')), REPORT_COLUMNS);
}

function pointTable(points: readonly SweepPoint[], palette: Palette): string[] {
  const repeated = points.some(({ trials }) => trials.length > 1);
  const scoreName = points.find(({ score }) => score !== undefined)?.score?.name;
  const scores = scoreName === undefined ? [] : [scoreName];
  const heading = ['throughput', 'response p50', 'p99', ...scores, 'errors', 'exit'];
  const first = repeated ? 'Points' : 'Trials';
  const tables = [ALL_RANGES, MAIN_RANGES, NO_RANGES].map((ranges) => [
    [first, ...(repeated ? ['runs'] : []), ...heading].map((text, column) => {
      return { text, style: column === 0 ? palette.strong : palette.dim };
    }),
    ...points.map((point) => pointCells(point, { repeated, ranges, palette, scores })),
  ]);
  const fitting = tables.find((rows) => tableWidth(rows) <= REPORT_COLUMNS);
  return alignedTable(fitting ?? tables.at(-1)!);
}

/** Which columns have their range beside the median: as many as there is room for. */
const ALL_RANGES = ['throughput', 'p50', 'p99', 'errors'];
const MAIN_RANGES = ['throughput', 'p99'];
const NO_RANGES: readonly string[] = [];

interface PointLook {
  readonly repeated: boolean;
  readonly ranges: readonly string[];
  /** Its name, where there is one. */
  readonly scores: readonly string[];
  readonly palette: Palette;
}

function pointCells(point: SweepPoint, { repeated, ranges, palette, scores }: PointLook): Cell[] {
  const axes = Object.entries(point.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const number = repeated ? '' : `${point.trials[0]!.result.trial}  `;
  const name = axes.length === 0 ? 'all' : axes.join(' ');
  const runs = repeated ? [{ text: String(point.trials.length) }] : [];
  return [
    { text: cut(printable(`  ${number}${name}`), AXES_COLUMNS) },
    ...runs,
    { text: brief(point.throughput, formatRate, ranges.includes('throughput')) },
    { text: brief(point.responseP50, formatDuration, ranges.includes('p50')) },
    { text: brief(point.responseP99, formatDuration, ranges.includes('p99')) },
    ...scores.map(() => {
      const { mean } = point.score ?? { mean: { kind: 'none', reason: null } as const };
      return { text: brief(mean, formatScore, false) };
    }),
    { text: brief(point.errorRate, formatShare, ranges.includes('errors')) },
    exitCell(point, palette),
  ];
}

/** `12.1 ms`, or `12.1 ms (11.8–12.9)` over repetitions that differ. */
function brief(
  figure: RepeatedFigure,
  format: (value: number) => string,
  withRange: boolean,
): string {
  if (figure.kind === 'none') {
    return figure.reason?.kind === 'not-answered' ? `✗ ${formatShare(figure.reason.share)}` : 'n/a';
  }
  const median = format(figure.median);
  const [low, high] = [format(figure.low), format(figure.high)];
  if (low === high || !withRange) return median;
  const units = new Set([median, low, high].map(unitOf));
  return units.size > 1
    ? `${median} (${low}–${high})`
    : `${median} (${withoutUnit(low)}–${withoutUnit(high)})`;
}

function unitOf(quantity: string): string {
  return quantity.replace(/^[\d.,]+/, '');
}

function withoutUnit(quantity: string): string {
  return quantity.slice(0, quantity.length - unitOf(quantity).length);
}

function exitCell({ trials }: SweepPoint, palette: Palette): Cell {
  const ends = trials.map(({ result }) =>
    result.state === 'complete' || result.aborted !== undefined
      ? String(result.exitCode ?? '')
      : result.state,
  );
  const isGood = ends.every((end) => end === '0');
  return { text: [...new Set(ends)].join(', '), style: isGood ? palette.good : palette.bad };
}

function legend(points: readonly SweepPoint[], palette: Palette): string[] {
  const repeated = points.some(({ trials }) => trials.length > 1);
  if (!repeated) return [];
  const words = 'median (lowest–highest) of the runs; 95% intervals: `points` in `run --json`';
  return [palette.dim(`  ${words}`)];
}

function notPassed(trials: readonly ReportedTrial[], palette: Palette): string[] {
  const failures = trials.flatMap(({ result }) => {
    const reasons = [
      ...(result.aborted === undefined ? [] : [abortWords(result.aborted)]),
      ...result.thresholds.filter(({ status }) => status !== 'passed').map(notPassedWords),
      ...(result.verdict.state === 'INVALID' ? result.verdict.reasons : []),
    ];
    return reasons.map((reason) => `  trial ${result.trial}  ${printable(reason)}`);
  });
  if (failures.length === 0) return [];
  const more = failures.length - FAILURES_SHOWN;
  return [
    '',
    palette.bad('Not passed'),
    ...failures.slice(0, FAILURES_SHOWN).map((line) => cut(line, REPORT_COLUMNS)),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

/** What of the generator is in doubt, and in how many of the trials: each page has the figures. */
function suspect(trials: readonly ReportedTrial[], palette: Palette): string[] {
  const counts = new Map<string, number>();
  for (const { result } of trials) {
    const { state, reasons, findings } = result.verdict;
    if (state !== 'SUSPECT') continue;
    for (const what of new Set(findings?.map((finding) => finding.what) ?? reasons)) {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  if (counts.size === 0) return [];
  const lines = [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, count]) => `  ${count} of ${trials.length} trials  ${printable(what)}`);
  return ['', palette.warn('Suspect'), ...lines.map((line) => cut(line, REPORT_COLUMNS))];
}

/** The folder that all trials lie in, and how to see one of them whole. */
function folders(trials: readonly ReportedTrial[]): string[] {
  const folder = trials[0]!.folder;
  if (folder === '') return [];
  const end = folder.lastIndexOf('/');
  const run = end === -1 ? '.' : folder.slice(0, end);
  const example = `loadgen report ${folder}`;
  return [
    '',
    ...labelled('folder', printable(run)),
    ...labelled('one of them', printable(example)),
  ];
}

import { formatCount, formatRate, formatShare } from '../reports/format/quantities.ts';
import { printable } from '../reports/format/printable.ts';
import { cut, displayWidth, padEnd } from '../reports/format/width.ts';
import type { Palette } from '../reports/palette.ts';
import { totalOf } from '../results/account-delta.ts';
import {
  failures,
  type LatencyFigures,
  type SecondFigures,
  type WholeFigures,
} from './live-figures.ts';
import type { LiveState } from './live-state.ts';
import { clockWords, latencyWords, phaseWords, progressOf, trialWords } from './live-words.ts';
import { sparkline } from './sparkline.ts';

const LABEL_COLUMNS = 11;
const BAR_COLUMNS = 32;
const LATENCY_COLUMNS = 12;

interface View {
  readonly columns: number;
  readonly inFlightCap: number;
  readonly palette: Palette;
}

/**
 * The block of a live view, at most ten lines of at most `columns`. Lines are cut while they are
 * plain text and coloured as a whole afterwards, so that no escape sequence is ever cut.
 */
export function liveBlock(state: LiveState, view: View): string[] {
  const fit = (text: string): string => cut(text, view.columns);
  const { palette } = view;
  if (state.trial === undefined) {
    return state.status === '' ? [] : [palette.dim(fit(state.status))];
  }
  return [
    palette.strong(fit(headline(state, view.columns))),
    fit(progressLine(state)),
    ...(state.phase === undefined ? [] : figureLines(state, view)),
    ...(state.trouble === undefined ? [] : [palette.bad(fit(printable(state.trouble)))]),
    ...(state.status === '' ? [] : [palette.dim(fit(state.status))]),
  ];
}

function headline(state: LiveState, columns: number): string {
  const right = phaseWords(state);
  const left = cut(trialWords(state), Math.max(1, columns - displayWidth(right) - 2));
  return `${padEnd(left, Math.min(columns, 98) - displayWidth(right))}${right}`;
}

function progressLine(state: LiveState): string {
  const { share, words } = progressOf(state);
  if (share === undefined) return `${'░'.repeat(BAR_COLUMNS)}  ${words}`;
  const filled = Math.floor(share * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)}%   ${words}`;
}

/** Before the first second of a phase is complete its lines stand empty, so that nothing jumps. */
function figureLines(state: LiveState, view: View): string[] {
  const { second, whole } = state;
  const fit = (text: string): string => cut(text, view.columns);
  if (second === undefined || whole === undefined) {
    return ['rate', 'in flight', 'response', 'service', 'lags', 'errors'].map((label) =>
      fit(line(label, '–')),
    );
  }
  return [
    ...secondLines(state, { second, whole }, view).map(fit),
    errorLine(whole, fit, view.palette),
  ];
}

function secondLines(
  state: LiveState,
  { second, whole }: { readonly second: SecondFigures; readonly whole: WholeFigures },
  view: View,
): string[] {
  const rate = line(
    'rate',
    `due ${padEnd(formatRate(second.duePerSecond), 10)} ` +
      `started ${padEnd(formatRate(second.startedPerSecond), 10)} ` +
      `ok ${padEnd(formatRate(second.okPerSecond), 11)}`,
  );
  const graphColumns = Math.min(30, view.columns - displayWidth(rate) - 1);
  const cap = view.inFlightCap > 0 ? ` of ${formatCount(view.inFlightCap)}` : '';
  return [
    `${rate} ${sparkline(state.history, graphColumns)}`.trimEnd(),
    line(
      'in flight',
      `${formatCount(state.live?.inFlight ?? second.inFlight)}${cap}   waiting ${formatCount(second.waiting)}   ` +
        `unsent ${formatCount(totalOf(whole.unsent))}`,
    ),
    latencyLine('response', second.response, whole.response, view.columns),
    latencyLine('service', second.service, whole.service, view.columns),
    line(
      'lags',
      `pacer p99 ${padEnd(latencyWords(second.pacerLag.p99), LATENCY_COLUMNS)} ` +
        `write p99 ${latencyWords(second.writeLag.p99)}`,
    ),
  ];
}

/** The last second, and where there is room the whole phase so far. */
function latencyLine(
  label: string,
  second: LatencyFigures,
  whole: LatencyFigures,
  columns: number,
): string {
  const both = line(label, `${latencies(second)}  so far ${latencies(whole)}`).trimEnd();
  return displayWidth(both) <= columns ? both : line(label, latencies(second)).trimEnd();
}

function latencies({ p50, p99 }: LatencyFigures): string {
  const median = padEnd(latencyWords(p50), LATENCY_COLUMNS);
  return `p50 ${median} p99 ${padEnd(latencyWords(p99), LATENCY_COLUMNS)}`;
}

function errorLine(whole: WholeFigures, fit: (text: string) => string, palette: Palette): string {
  const wrong = failures(whole.operations);
  const count = wrong.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return palette.good(fit(line('errors', 'none')));
  const share = formatShare(count / Math.max(1, whole.attempted));
  const outcomes = wrong.map(([outcome, each]) => `${outcome} ${formatCount(each)}`).join(', ');
  return palette.bad(fit(line('errors', `${formatCount(count)} (${share}): ${outcomes}`)));
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_COLUMNS)}${text}`;
}

/** The same in one line, for pipes and log files: a line a second, to be read by people. */
export function liveLine(state: LiveState): string {
  const { second, whole } = state;
  if (second === undefined || whole === undefined) return '';
  const wrong = failures(whole.operations).reduce((sum, [, each]) => sum + each, 0);
  return [
    `${phaseWords(state)} ${clockWords(second.elapsedNs)}`,
    `due ${formatRate(second.duePerSecond)}`,
    `ok ${formatRate(second.okPerSecond)}`,
    `in flight ${formatCount(second.inFlight)}`,
    `response p50 ${latencyWords(second.response.p50)} p99 ${latencyWords(second.response.p99)}`,
    `errors ${formatCount(wrong)}`,
    ...(totalOf(whole.unsent) > 0 ? [`unsent ${formatCount(totalOf(whole.unsent))}`] : []),
  ].join('  ');
}

import type { RankedValue } from '../measure/metrics/metric-source.ts';
import { formatCount, formatDuration, formatShare } from '../reports/format/quantities.ts';
import { printable } from '../reports/format/printable.ts';
import type { LiveState } from './live-state.ts';

/** A latency in a live view: `~` marks one from too few samples; `–` that there was none. */
export function latencyWords(value: RankedValue): string {
  switch (value.kind) {
    case 'value':
      return formatDuration(value.value);
    case 'not-answered':
      return `not answered (${formatShare(value.share)})`;
    case 'too-few':
      if (value.value === 0) return '–';
      return Number.isFinite(value.value) ? `~${formatDuration(value.value)}` : '~not answered';
  }
}

/** `embed · trial 2/6 · tokens=32`, safe to print. */
export function trialWords(state: LiveState): string {
  const { trial, context } = state;
  if (trial === undefined) return '';
  const axes = Object.entries(trial.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const count = context?.trialCount ?? 1;
  const parts = [trial.scenario];
  if (count > 1) parts.push(`trial ${trial.trial}/${count}`);
  if (axes.length > 0) parts.push(axes.join(' '));
  return printable(parts.join(' · '));
}

export function phaseWords(state: LiveState): string {
  switch (state.phase) {
    case 'warmup':
      return 'warm-up';
    case 'measure':
      return 'measuring';
    case 'drain':
      return 'waiting for open answers';
    case undefined:
      return 'getting ready';
  }
}

export interface Progress {
  /** Between 0 and 1; undefined where the load does not say when it ends. */
  readonly share: number | undefined;
  /** `0:42 of 2:00, 1:18 left`, or by iterations where those are counted. */
  readonly words: string;
}

export function progressOf(state: LiveState): Progress {
  const { expectedNs, live } = state;
  const elapsedNs = live?.elapsedNs ?? 0;
  const elapsed = clockWords(elapsedNs);
  if (state.phase === 'drain') {
    const most = expectedNs === undefined ? '' : ` of at most ${clockWords(expectedNs)}`;
    return { share: 1, words: elapsed + most };
  }
  if (expectedNs !== undefined && expectedNs > 0) {
    const left = clockWords(Math.max(0, expectedNs - elapsedNs));
    const words = `${elapsed} of ${clockWords(expectedNs)}, ${left} left`;
    return { share: Math.min(1, elapsedNs / expectedNs), words };
  }
  const wanted = live?.wanted;
  if (wanted === undefined || wanted <= 0) return { share: undefined, words: elapsed };
  const started = live?.started ?? 0;
  const share = Math.min(1, started / wanted);
  // An estimate: that the rest takes as long, for each iteration, as those before it.
  const left = share > 0 ? `, about ${clockWords((elapsedNs / share) * (1 - share))} left` : '';
  const counted = `${formatCount(started)} of ${formatCount(wanted)} iterations`;
  return { share, words: `${counted} in ${elapsed}${left}` };
}

/** `0:42`, `12:05`, `1:02:03`. */
export function clockWords(ns: number): string {
  const total = Math.floor(ns / 1e9);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

import type { RankedValue } from '../measure/metrics/metric-source.ts';
import { formatDuration, formatShare } from '../reports/format/quantities.ts';
import { printable } from '../reports/format/printable.ts';
import type { LiveState } from './live-state.ts';

/** A latency in a live view: a thin reading is marked `~`, since it comes from few samples. */
export function latencyWords(value: RankedValue): string {
  switch (value.kind) {
    case 'value':
      return formatDuration(value.value);
    case 'not-answered':
      return `not answered (${formatShare(value.share)})`;
    case 'too-few':
      return Number.isFinite(value.value) && value.value > 0
        ? `~${formatDuration(value.value)}`
        : '–';
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
  readonly elapsedNs: number;
  /** Estimated from the progress so far where iterations are counted. */
  readonly remainingNs: number | undefined;
}

export function progressOf(state: LiveState): Progress {
  const elapsedNs = state.live?.elapsedNs ?? 0;
  const { expectedNs } = state;
  if (expectedNs !== undefined && expectedNs > 0) {
    const share = Math.min(1, elapsedNs / expectedNs);
    return { share, elapsedNs, remainingNs: Math.max(0, expectedNs - elapsedNs) };
  }
  const wanted = state.live?.wanted;
  const started = state.live?.started ?? 0;
  if (wanted === undefined || wanted <= 0) {
    return { share: undefined, elapsedNs, remainingNs: undefined };
  }
  const share = Math.min(1, started / wanted);
  const remainingNs = share > 0 ? (elapsedNs / share) * (1 - share) : undefined;
  return { share, elapsedNs, remainingNs };
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

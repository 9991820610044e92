import type { Clock } from '../base/time/clock.ts';
import { NS_PER_MS } from '../base/time/clock.ts';
import { mostInFlight } from '../reports/format/load-words.ts';
import { printable } from '../reports/format/printable.ts';
import { resultFlows } from '../results/result-flows.ts';
import type { RunObserver } from '../run/runner/observer.ts';
import { liveBlock, liveLine } from './live-block.ts';
import { LiveState } from './live-state.ts';
import { trialWords } from './live-words.ts';
import type { Screen } from './screen.ts';
import { TerminalBlock } from './terminal-block.ts';

/** Ten pictures a second look like motion; more only cost time that load could use. */
const REDRAW_NS = 100 * NS_PER_MS;

/** `close` gives the terminal back, however the run ended; calling it twice does nothing. */
export interface LiveView extends RunObserver {
  close(): void;
}

/** What is happening right now: a block on a terminal, a line a second elsewhere, or nothing. */
export function createLiveView(options: {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly quiet: boolean;
}): LiveView {
  if (options.quiet) return quietView;
  return options.screen.isTty
    ? terminalView(options.screen, options.clock)
    : plainView(options.screen);
}

const nothing = (): void => {};

const quietView: LiveView = {
  status: nothing,
  trialStarted: nothing,
  phaseStarted: nothing,
  interval: nothing,
  tick: nothing,
  trialEnded: nothing,
  close: nothing,
};

function terminalView(screen: Screen, clock: Clock): LiveView {
  const state = new LiveState();
  const block = new TerminalBlock(screen);
  let inFlightCap = 0;
  let drawnNs = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    drawnNs = clock.nowNs();
    // One column stays free: some terminals wrap when the last one is written.
    const columns = Math.max(1, screen.columns() - 1);
    block.draw(liveBlock(state, { columns, inFlightCap, palette: screen.palette }));
  };
  const drawIfDue = (): void => {
    if (clock.nowNs() - drawnNs >= REDRAW_NS) draw();
  };
  return {
    status(text) {
      state.status = printable(text);
      draw();
    },
    trialStarted(trial, context) {
      state.trialStarted(trial, context);
      inFlightCap = sumOf(resultFlows(trial).map(mostInFlight));
      draw();
    },
    phaseStarted(phase, expectedNs) {
      state.phaseStarted(phase, expectedNs);
      draw();
    },
    interval(interval, total, trouble) {
      if (state.interval(interval, total, trouble)) drawIfDue();
    },
    tick(live) {
      state.live = live;
      drawIfDue();
    },
    trialEnded() {
      state.trialEnded();
      block.clear();
    },
    close: () => block.clear(),
  };
}

function plainView(screen: Screen): LiveView {
  const state = new LiveState();
  const say = (text: string): void => screen.write(`${text}\n`);
  return {
    status: (text) => say(printable(text)),
    trialStarted(trial, context) {
      state.trialStarted(trial, context);
      say(trialWords(state));
    },
    phaseStarted: (phase, expectedNs) => state.phaseStarted(phase, expectedNs),
    interval(interval, total, trouble) {
      if (!state.interval(interval, total, trouble)) return;
      say(liveLine(state));
      if (trouble !== undefined) say(printable(trouble));
    },
    tick(live) {
      state.live = live;
    },
    trialEnded: () => state.trialEnded(),
    close: nothing,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'node:test';
import { createLiveView } from '../../src/cli/live-view.ts';
import type { Screen } from '../../src/cli/screen.ts';
import { displayWidth } from '../../src/reports/format/width.ts';
import { ansiPalette, plainPalette } from '../../src/reports/palette.ts';
import { closedTrial, openTrial } from '../results/trials.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { planOf } from '../reports/sample-results.ts';
import { RecordedTrial } from '../results/recorded-trial.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { playTrial } from './scripted-run.ts';

const NASTY = 'x\u001b[2J\u001b]0;title\u0007\n\u009b31m';

test('a terminal shows one block that follows the run, and is clean at its end', async () => {
  const terminal = new FakeTerminal(110, 30);
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  terminal.write('before\n');
  await playTrial({ view, clock, trial: openTrial(), warmupSeconds: 1, seconds: 4 });
  const during = terminal.frames.findLast((frame) => frame[1]?.includes('embed_open'))!;
  assert.deepEqual(during, [
    'before',
    `${'embed_open'.padEnd(74)}waiting for open answers`,
    '████████████████████████████████ 100%   0:00 of at most 0:30',
    'rate       due 391.0/s    started 391.0/s    ok 390.0/s     ██▇▇',
    'in flight  1 of 200   waiting 0   unsent 4',
    'response   p50 2.30 ms      p99 ~9.13 ms      so far p50 2.40 ms      p99 10.5 ms',
    'service    p50 2.26 ms      p99 ~9.08 ms      so far p50 2.36 ms      p99 10.5 ms',
    'lags       pacer p99 ~12.0 µs     write p99 ~8.00 µs',
    'errors     1 (0.06%): timeout 1',
  ]);
  assert.deepEqual(terminal.lines(), ['before']);
  assert.equal(terminal.cursorVisible, true);
});

test('the block is drawn at most ten times a second', async () => {
  const terminal = new FakeTerminal(110, 30);
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  let ticks = 0;
  const eachTick = async () => void ticks++;
  await playTrial({ view, clock, trial: openTrial(), warmupSeconds: 0, seconds: 5, eachTick });
  assert.equal(ticks, 100);
  // Ten a second, and one for each: the trial began, a phase began (twice), the block went.
  assert.ok(terminal.frames.length <= 5 * 10 + 4, `${terminal.frames.length}`);
  assert.ok(terminal.frames.length >= 5 * 10, `${terminal.frames.length}`);
});

test('a progress bar counts iterations where those end the load', async () => {
  const terminal = new FakeTerminal(110, 30);
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  view.trialStarted(closedTrial(), { trialCount: 1, workers: 1, folder: '' });
  view.phaseStarted('measure', undefined);
  await clock.advanceBy(3e9);
  view.tick({ phase: 'measure', elapsedNs: 3e9, started: 500, wanted: 2_000, inFlight: 64 });
  assert.match(
    terminal.lines()[1]!,
    /^█{8}░{24} {2}25% {3}500 of 2,000 iterations in 0:03, about 0:09 left$/,
  );
});

test('lines are cut and never wrap, however narrow the terminal is', async () => {
  for (const columns of [110, 79, 58, 40, 20, 5, 1]) {
    const terminal = new FakeTerminal(columns, 30);
    const clock = new FakeClock();
    const view = createLiveView({ screen: terminal, clock, quiet: false });
    const trial = openTrial({ scenario: '東京'.repeat(60) });
    await playTrial({ view, clock, trial, warmupSeconds: 1, seconds: 2 });
    const written = stripVTControlCharacters(terminal.written).split('\n');
    for (const line of written) {
      const width = displayWidth(line.replace('\r', ''));
      assert.ok(width < columns || columns === 1, `${width} of ${columns}: ${line}`);
    }
  }
});

test('a terminal that becomes narrower in the middle of a run stays clean', async () => {
  const terminal = new FakeTerminal(110, 30);
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  terminal.write('before\n');
  let ticks = 0;
  const eachTick = async () => {
    if (++ticks === 30) terminal.resize(50);
  };
  await playTrial({ view, clock, trial: openTrial(), warmupSeconds: 0, seconds: 3, eachTick });
  assert.deepEqual(terminal.lines(), ['before']);
});

test('names and messages cannot speak to the terminal', async () => {
  // The fake terminal throws at every sequence that a live view has no business with.
  const terminal = new FakeTerminal(110, 30);
  terminal.palette = ansiPalette;
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  view.status(NASTY);
  const trial = openTrial({ scenario: NASTY, axes: { [NASTY]: NASTY } });
  await playTrial({ view, clock, trial, warmupSeconds: 1, seconds: 2 });
  assert.ok(!terminal.written.includes('\u001b[2J') && !terminal.written.includes('\u009b'));
});

test('a message stands in the block until a phase begins', () => {
  const terminal = new FakeTerminal(110, 30);
  const view = createLiveView({ screen: terminal, clock: new FakeClock(), quiet: false });
  view.status('Starting the server embedding-node …');
  assert.deepEqual(terminal.lines(), ['Starting the server embedding-node …']);
  view.trialStarted(openTrial(), { trialCount: 1, workers: 1, folder: '' });
  view.status('Opening 200 connections …');
  assert.equal(terminal.lines().at(-1), 'Opening 200 connections …');
  view.phaseStarted('measure', 4e9);
  assert.ok(!terminal.lines().join().includes('connections'));
  view.close();
  assert.deepEqual(terminal.lines(), []);
});

test('closing gives the cursor back in the middle of a trial, once', async () => {
  const terminal = new FakeTerminal(110, 30);
  const clock = new FakeClock();
  const view = createLiveView({ screen: terminal, clock, quiet: false });
  view.trialStarted(openTrial(), { trialCount: 1, workers: 1, folder: '' });
  assert.equal(terminal.cursorVisible, false);
  view.close();
  assert.equal(terminal.cursorVisible, true);
  const { written } = terminal;
  view.close();
  assert.equal(terminal.written, written);
});

test('a pipe gets a plain line a second and no escape sequence', async () => {
  const lines: string[] = [];
  const clock = new FakeClock();
  const view = createLiveView({ screen: pipe(lines), clock, quiet: false });
  view.status(`Starting ${NASTY}`);
  await playTrial({ view, clock, trial: openTrial(), warmupSeconds: 1, seconds: 3 });
  view.close();
  assert.equal(lines.length, 2 + 1 + 3);
  assert.ok(
    lines.every((line) => /^[^\p{Cc}]+\n$/u.test(line)),
    JSON.stringify(lines),
  );
  assert.equal(lines[1], 'embed_open\n');
  assert.match(
    lines[2]!,
    /^warm-up 0:01 {2}due 481\.0\/s {2}ok 480\.0\/s {2}in flight 1 {2}response p50 /,
  );
  assert.match(lines[5]!, /^measuring 0:03 .* errors 1 {2}unsent 4\n$/);
});

test('--quiet says nothing at all', async () => {
  for (const screen of [new FakeTerminal(110, 30), pipe([])]) {
    const written: string[] = [];
    const silent = { ...screen, isTty: screen.isTty, write: (text: string) => written.push(text) };
    const clock = new FakeClock();
    const view = createLiveView({ screen: silent as unknown as Screen, clock, quiet: true });
    view.status('Starting');
    await playTrial({ view, clock, trial: openTrial(), warmupSeconds: 1, seconds: 1 });
    view.close();
    assert.deepEqual(written, []);
  }
});

function pipe(lines: string[]): Screen {
  return {
    isTty: false,
    columns: () => 80,
    rows: () => 24,
    palette: plainPalette,
    write: (text) => void lines.push(text),
  };
}

test('a second in which the generator was in its own way is told in one line, and no other', () => {
  const trouble = `the generator is the bottleneck: worker 0 spent 97%${NASTY}`;
  const told = /^the generator is the bottleneck: worker 0 spent 97%x/;
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 0, measure: 0 });
  const row = () => recorded.second('measure', (second) => second.iteration({ responseNs: 2e6 }));
  const terminal = new FakeTerminal(110, 30);
  const lines: string[] = [];
  const clock = new FakeClock();
  for (const screen of [terminal, pipe(lines)]) {
    const view = createLiveView({ screen, clock, quiet: false });
    view.trialStarted(openTrial(), { trialCount: 1, workers: 1, folder: '' });
    view.phaseStarted('measure', 4e9);
    view.interval(row(), recorded.total, trouble);
    view.status('');
    if (screen === terminal) assert.match(terminal.lines().at(-1)!, told);
    view.interval(row(), recorded.total);
    view.status('');
  }
  assert.equal(terminal.lines().filter((line) => told.test(line)).length, 0);
  const whole = lines.map((line) => line.trimEnd());
  assert.equal(whole.filter((line) => told.test(line)).length, 1);
  assert.ok(whole.every((line) => /^[^\p{Cc}]*$/u.test(line)));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPalette } from '../../src/reports/palette.ts';
import { preparationText } from '../../src/reports/preparation-text.ts';
import type { ResultPreparation } from '../../src/results/schema/preparation.ts';

/** Ten operations in two seconds. */
function part(change: Partial<ResultPreparation> = {}): ResultPreparation {
  const ends = { due: 10, started: 10, unsent: {}, waiting: 0, completed: 10, aborted: 0 };
  const now = { interruptedIterations: 0, running: 0, inFlight: 0 };
  return {
    phase: 'prepare',
    trial: 1,
    steps: ['fill'],
    startedAt: '2026-11-22T10:34:26.000Z',
    startNs: 0,
    endNs: 2e9,
    durationSeconds: 2,
    account: { ...ends, ...now, attempted: 10, operations: { ok: 10 } },
    failure: null,
    failureReasons: [],
    metrics: [],
    series: [],
    ...change,
  };
}

function items(value: number, step: string): ResultPreparation['series'][number] {
  return { metric: 'items', kind: 'counter', unit: 'count', tags: { step }, value };
}

const linesOf = (of: ResultPreparation): readonly string[] =>
  preparationText({ phase: 'prepare', preparations: [of], thresholds: [] }, plainPalette)
    .trimEnd()
    .split('\n')
    .slice(1);

test('rows are told where operations hold several, over all steps of a part', () => {
  const [line] = linesOf(part({ series: [items(9000, 'fill'), items(1000, 'more')] }));
  assert.equal(
    line,
    '  prepare       fill: 10 operations, none failed, 2.00 s, 5.00/s, 10,000 items (5,000.0/s)',
  );
  const [single] = linesOf(part({ series: [items(10, 'fill')] }));
  assert.equal(single, '  prepare       fill: 10 operations, none failed, 2.00 s, 5.00/s');
});

test('what a server keeps has a line of its own, without what could speak to the terminal', () => {
  const settings = { kind: 'hnsw', m: 16 };
  const settingsKept = [{ target: 'db', of: 'be\u001bnch', settings }];
  const [, line] = linesOf(part({ settingsKept }));
  assert.ok(!line!.includes('\u001b'));
  assert.match(line!, /^ {16}be.+nch, says the server: kind hnsw, m 16$/);
});

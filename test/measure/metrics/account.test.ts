import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccount } from '../../../src/measure/metrics/account.ts';
import type { Account } from '../../../src/measure/metrics/interval.ts';

const balanced: Account = {
  due: 100,
  started: 90,
  unsent: { late: 3, no_slot: 2, stopped: 0, worker_lost: 0 },
  waiting: 5,
  completed: 70,
  aborted: 10,
  interruptedIterations: 4,
  running: 6,
  attempted: 120,
  operations: { ok: 90, check_failed: 4, timeout: 6, rejected: 5, cancelled: 3, interrupted: 5 },
  inFlight: 7,
};

test('an account that balances has nothing to say', () => {
  assert.equal(checkAccount(balanced, false), undefined);
});

test('every term is needed for the balance', () => {
  const terms = ['due', 'started', 'waiting', 'completed', 'aborted', 'interruptedIterations'];
  const rest = ['running', 'attempted', 'inFlight'];
  for (const term of [...terms, ...rest] as (keyof Account)[]) {
    const wrong = { ...balanced, [term]: (balanced[term] as number) + 1 };
    assert.notEqual(checkAccount(wrong, false), undefined, term);
  }
  for (const outcome of Object.keys(balanced.operations)) {
    const operations = { ...balanced.operations, [outcome]: balanced.operations[outcome]! + 1 };
    assert.notEqual(checkAccount({ ...balanced, operations }, false), undefined, outcome);
  }
  const unsent = { ...balanced.unsent, late: 4 };
  assert.notEqual(checkAccount({ ...balanced, unsent }, false), undefined);
});

test('the identity that fails is told with its figures', () => {
  assert.equal(
    checkAccount({ ...balanced, due: 101 }, false),
    'due 101 ≠ started 90 + unsent 5 + waiting 5',
  );
  assert.equal(
    checkAccount({ ...balanced, inFlight: 8 }, false),
    'attempted 120 ≠ ok 90 + failed 15 + cancelled 3 + interrupted 5 + inFlight 8',
  );
});

test('a negative term cannot hide behind another one', () => {
  const wrong = { ...balanced, waiting: -1, started: 96, running: 12 };
  assert.equal(checkAccount(wrong, false), 'waiting is -1');
});

test('at the end nothing may be open', () => {
  const ended = { ...balanced, due: 95, waiting: 0, started: 90, completed: 76, running: 0 };
  const closed = { ...ended, attempted: 113, inFlight: 0 };
  assert.equal(checkAccount(closed, true), undefined);
  const open = checkAccount({ ...ended, inFlight: 7 }, true);
  assert.equal(open, 'open at the end 0 ≠ waiting 0 + running 0 + inFlight 7');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProgramNode } from '../../src/iteration/program.ts';
import { FlowFixture, START_NS, stepOf, type FlowOptions } from './flow-fixture.ts';

const SECOND = 1e9;

function operation(step: number): ProgramNode {
  return { kind: 'operation', step };
}

test('a think time out of data or answers takes a text with its unit, or a number with one beside it', async () => {
  const taken = (from: string, unit?: 'ms'): ProgramNode => {
    return { kind: 'think', position: 0, time: { kind: 'from', from, ...(unit && { unit }) } };
  };
  const plans = [
    stepOf({ name: 'a', extract: { wait: 'json.wait' } }),
    stepOf({ name: 'b', onFail: 'continue' }),
  ];
  const program = [taken('trace.pause'), operation(0), taken('steps.a.wait', 'ms'), operation(1)];
  const options: FlowOptions = {
    rows: { trace: [{ pause: '1.5s' }, { pause: '1ms' }, { pause: '1.5' }] },
    program,
    answer: ({ serial }) => ({ result: { json: serial < 2 ? { wait: 250 } : {} } }),
  };
  const fixture = await FlowFixture.create(plans, options);
  const ended = fixture.start(0, 0);
  await fixture.clock.advanceBy(10 * SECOND);
  await ended;
  assert.deepEqual(
    fixture.recorder.operations.map(({ intended }) => intended - START_NS),
    // An answer takes a millisecond.
    [1.5 * SECOND, 1.751 * SECOND],
  );
  const wrong = fixture.start(0, 2);
  await assert.rejects(wrong, /"think" failed on row 3 of "trace": expected a text such as 250ms/);
  assert.equal(fixture.recorder.iterations[1]!.outcome, 'aborted');
});

test('what a failed step was to extract is no think time: nothing is thought', async () => {
  const plans = [
    stepOf({ name: 'a', extract: { wait: 'json.wait' }, onFail: 'continue' }),
    stepOf({ name: 'b' }),
  ];
  const time = { kind: 'from', from: 'steps.a.wait', unit: 's' } as const;
  const program = [operation(0), { kind: 'think', position: 1, time } as const, operation(1)];
  const fixture = await FlowFixture.create(plans, { program });
  assert.deepEqual(await fixture.run(0), {
    outcome: 'failed',
    operations: ['check_failed', 'ok'],
  });
  assert.equal(fixture.recorder.operations[1]!.intended, fixture.recorder.operations[0]!.done);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE, WARMUP } from '../../src/measure/metrics/outcome.ts';
import { FlowFixture, iterated, SLOT_BASE, START_NS, stepOf } from './flow-fixture.ts';

/** Times that a test counts from the start of its clock, as the clock tells them. */
function after<Name extends string>(times: Record<Name, number>): Record<Name, number> {
  const entries = Object.entries<number>(times);
  return Object.fromEntries(entries.map(([name, ns]) => [name, START_NS + ns])) as typeof times;
}

test('the first step has the stamps of its arrival, the later ones those of the step before', async () => {
  const steps = [stepOf({ name: 'a' }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps, {
    answer: () => ({ serviceNs: 10e6, lagNs: 2e6 }),
  });
  const { clock, recorder, flow } = fixture;
  await clock.advanceTo(START_NS + 100e6);
  recorder.started(MEASURE, 0, 1);
  const start = {
    phase: MEASURE,
    iteration: 0,
    intendedNs: START_NS + 70e6,
    pickedNs: START_NS + 80e6,
    acquiredNs: START_NS + 95e6,
  };
  const iteration = iterated(flow, 1, start);
  // The executor may use its record for something else while the iteration runs.
  Object.assign(start, { phase: WARMUP, iteration: 9, intendedNs: 1 });
  await clock.advanceBy(1e9);
  const [first, second] = recorder.operations;
  const slot = SLOT_BASE + 1;
  assert.deepEqual(first, {
    phase: MEASURE,
    lane: 10,
    slot,
    outcome: 'ok',
    ...after({ intended: 70e6, picked: 80e6, acquired: 95e6 }),
    ...after({ granted: 95e6, sent: 100e6, done: 110e6 }),
  });
  assert.deepEqual(second, {
    phase: MEASURE,
    lane: 11,
    slot,
    outcome: 'ok',
    ...after({ intended: 110e6, picked: 112e6, acquired: 112e6 }),
    ...after({ granted: 112e6, sent: 112e6, done: 122e6 }),
  });
  assert.equal(
    await iteration,
    START_NS + 122e6,
    'the next iteration is intended when the last step was done',
  );
  assert.deepEqual(recorder.iterations, [
    { phase: MEASURE, flow: 0, vu: 1, outcome: 'ok', responseTimeNs: 52e6 },
  ]);
});

test('the recorder is told in order: attempted, finished, what counts beside it, ended', async () => {
  const steps = [stepOf({ name: 'a', slo: { response_time: 1e12 } }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps);
  await fixture.run();
  assert.equal(
    fixture.recorder.calls.join(' '),
    'attempted finished goodput items attempted finished items ended',
  );
});

test('an operation still open at its deadline is a timeout at that moment', async () => {
  const step = stepOf({ name: 'a', deadlineMs: 50 });
  const answer = () => ({ serviceNs: Number.POSITIVE_INFINITY });
  const fixture = await FlowFixture.create([step], { answer });
  await fixture.clock.advanceBy(7e6);
  assert.deepEqual(await fixture.run(), { outcome: 'aborted', operations: ['timeout'] });
  assert.equal(fixture.recorder.operations[0]!.done, START_NS + 57e6);
  assert.equal(fixture.clock.pendingTimers, 0);
});

test('a deadline counts from the intended time: past it nothing is sent', async () => {
  const fixture = await FlowFixture.create([stepOf({ name: 'a', deadlineMs: 50 })]);
  const { clock, recorder, flow, driver } = fixture;
  await clock.advanceBy(100e6);
  recorder.started(MEASURE, 0, 0);
  const times = after({ intendedNs: 40e6, pickedNs: 40e6, acquiredNs: 100e6 });
  const endNs = await iterated(flow, 0, { phase: MEASURE, iteration: 0, ...times });
  assert.equal(endNs, START_NS + 100e6);
  assert.equal(driver.requests.length, 0);
  assert.deepEqual(recorder.operations, [
    {
      phase: MEASURE,
      lane: 10,
      slot: SLOT_BASE,
      outcome: 'timeout',
      sent: 0,
      ...after({ intended: 40e6, picked: 40e6, acquired: 100e6, granted: 100e6, done: 100e6 }),
    },
  ]);
  recorder.assertBalanced();
});

test('an answer whose last byte came after the deadline is a timeout, one before it is not', async () => {
  const outcomeOf = async (serviceNs: number, blockedNs: number) => {
    const step = stepOf({ name: 'a', deadlineMs: 50 });
    const fixture = await FlowFixture.create([step], { answer: () => ({ serviceNs }) });
    const iterated = fixture.start(0, 0);
    // With a blocked event loop the timer of the deadline and the answer become ready together.
    fixture.clock.block(blockedNs);
    await fixture.clock.advanceBy(1e9);
    await iterated;
    return fixture.recorder.operations[0]!.outcome;
  };
  assert.equal(await outcomeOf(40e6, 0), 'ok');
  assert.equal(await outcomeOf(40e6, 200e6), 'ok');
  assert.equal(await outcomeOf(50e6, 200e6), 'ok');
  assert.equal(await outcomeOf(51e6, 0), 'timeout');
  assert.equal(await outcomeOf(60e6, 200e6), 'timeout');
});

test('a deadline that expires as its answer comes does not end the operation after it', async () => {
  const steps = [stepOf({ name: 'a', deadlineMs: 50 }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps, { answer: () => ({ serviceNs: 50e6 }) });
  assert.deepEqual(await fixture.run(), { outcome: 'ok', operations: ['ok', 'ok'] });
});

test('the stamp tells a late answer that the timer let through', async () => {
  const step = stepOf({ name: 'a', deadlineMs: 50 });
  // The last byte came 20 ms before it was processed, and after the deadline all the same.
  const answer = () => ({ serviceNs: 50.5e6, lagNs: -20e6 });
  const fixture = await FlowFixture.create([step], { answer });
  assert.deepEqual(await fixture.run(), { outcome: 'aborted', operations: ['timeout'] });
  assert.equal(fixture.recorder.operations[0]!.done, START_NS + 50.5e6);
});

test('an interrupt ends what is open and starts nothing after it', async () => {
  const steps = [stepOf({ name: 'a', onFail: 'continue' }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps, {
    answer: () => ({ serviceNs: Number.POSITIVE_INFINITY }),
  });
  const { clock, recorder, flow } = fixture;
  const open = [fixture.start(0, 0), fixture.start(1, 1)];
  await clock.advanceBy(5e6);
  flow.interrupt();
  flow.interrupt();
  assert.deepEqual(await Promise.all(open), [START_NS + 5e6, START_NS + 5e6]);
  assert.deepEqual(
    recorder.operations.map(({ outcome, done }) => [outcome, done]),
    [
      ['interrupted', START_NS + 5e6],
      ['interrupted', START_NS + 5e6],
    ],
  );
  assert.equal(await fixture.start(0, 2), START_NS + 5e6);
  assert.deepEqual(
    recorder.iterations.map(({ outcome }) => outcome),
    ['interrupted', 'interrupted', 'interrupted'],
  );
  assert.equal(fixture.driver.requests.length, 2);
  recorder.assertBalanced();
});

test('an interrupt between two steps keeps the second from being attempted', async () => {
  const steps = [stepOf({ name: 'a', deadlineMs: 50, onFail: 'continue' }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps);
  const { clock, recorder, flow } = fixture;
  await clock.advanceBy(100e6);
  recorder.started(MEASURE, 0, 0);
  const times = after({ intendedNs: 0, pickedNs: 0, acquiredNs: 100e6 });
  // Past its deadline the first step is over at once, and no session has it to be interrupted.
  const iteration = iterated(flow, 0, { phase: MEASURE, iteration: 0, ...times });
  flow.interrupt();
  await iteration;
  assert.deepEqual(
    recorder.operations.map(({ outcome }) => outcome),
    ['timeout'],
  );
  assert.equal(recorder.iterations[0]!.outcome, 'interrupted');
  recorder.assertBalanced();
});

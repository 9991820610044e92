import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thinkStepSchema } from '../../src/iteration/built-in-steps.ts';
import { ThinkTimes, type ThinkTime } from '../../src/iteration/think-time.ts';
import { MEASURE, WARMUP } from '../../src/measure/metrics/outcome.ts';
import { FlowFixture, iterated, START_NS, stepOf } from './flow-fixture.ts';

const MS = 1e6;

function think(written: unknown, position = 0): ThinkTime {
  const time = thinkStepSchema.parse({ think: written }).think;
  assert.ok(time.kind !== 'from');
  return { position, time };
}

test('a step after think time is intended when that is over, and a later one when it was done', async () => {
  const steps = [
    stepOf({ name: 'a' }),
    stepOf({ name: 'b', thinkBefore: [think('300ms'), think('50ms')] }),
    stepOf({ name: 'c' }),
  ];
  const fixture = await FlowFixture.create(steps, { answer: () => ({ serviceNs: 10 * MS }) });
  await fixture.run();
  const intended = fixture.recorder.operations.map(({ intended }) => (intended - START_NS) / MS);
  assert.deepEqual(intended, [0, 360, 370]);
  for (const { intended, picked, acquired, sent } of fixture.recorder.operations) {
    assert.deepEqual([picked, acquired, sent], [intended, intended, intended]);
  }
  assert.equal(fixture.recorder.iterations[0]!.responseTimeNs, 380 * MS, 'a whole journey');
});

test('think time before the first step counts from when the iteration was intended', async () => {
  const steps = [stepOf({ name: 'a', thinkBefore: [think('300ms')] })];
  const fixture = await FlowFixture.create(steps);
  fixture.recorder.started(MEASURE, 0, 0);
  const ended = iterated(fixture.flow, 0, {
    phase: MEASURE,
    iteration: 0,
    intendedNs: START_NS - 100 * MS,
    pickedNs: START_NS,
    acquiredNs: START_NS,
  });
  await fixture.clock.advanceBy(1e9);
  await ended;
  assert.equal(fixture.recorder.operations[0]!.intended, START_NS + 200 * MS);
});

test('think time at the end delays the next iteration and is in no response time', async () => {
  const answers = [{ serviceNs: 10 * MS }, { serviceNs: 10 * MS, outcome: 'timeout' as const }];
  const fixture = await FlowFixture.create([stepOf({ name: 'a' })], {
    answer: ({ serial }) => answers[serial]!,
    thinkAfter: [think('2s')],
  });
  for (const iteration of [0, 1]) {
    const startedNs = fixture.clock.nowNs();
    const ended = fixture.start(0, iteration);
    await fixture.clock.advanceBy(1e9);
    assert.equal(await ended, startedNs + 2010 * MS, 'also after a failure');
    assert.equal(fixture.recorder.iterations[iteration]!.responseTimeNs, 10 * MS);
  }
});

test('an interrupt ends those that think, and nothing is sent after it', async () => {
  const steps = [stepOf({ name: 'a' }), stepOf({ name: 'b', thinkBefore: [think('10s')] })];
  const fixture = await FlowFixture.create(steps);
  const iterations = [fixture.start(0, 0), fixture.start(1, 1)];
  await fixture.clock.advanceBy(1e9);
  fixture.flow.interruptVu(1);
  await fixture.clock.advanceBy(1e9);
  assert.deepEqual(
    fixture.recorder.iterations.map(({ vu, outcome }) => [vu, outcome]),
    [[1, 'interrupted']],
  );
  fixture.flow.interrupt();
  await fixture.clock.advanceBy(1e9);
  await Promise.all(iterations);
  assert.equal(fixture.recorder.iterations.length, 2);
  assert.equal(fixture.driver.requests.length, 2);
  const early = await FlowFixture.create([stepOf({ name: 'a', thinkBefore: [think('10s')] })]);
  const ended = early.start(0, 0);
  await early.clock.advanceBy(1e9);
  early.flow.interrupt();
  await ended;
  assert.deepEqual(
    [early.recorder.iterations[0]!.outcome, early.driver.requests.length],
    ['interrupted', 0],
  );
});

test('think time is a function of seed, place, phase and iteration, and of no worker', () => {
  const times = [think({ exponential: '1s' }, 2), think({ uniform: ['1s', '3s'] }, 3)];
  const drawn = (seed: number, phase: number): number[] => {
    const thinks = new ThinkTimes(times, { seed, flow: 0 });
    return Array.from({ length: 50 }, (_, iteration) => thinks.drawNs(phase, iteration));
  };
  assert.deepEqual(drawn(1, MEASURE), drawn(1, MEASURE));
  for (const other of [drawn(2, MEASURE), drawn(1, WARMUP)]) {
    assert.equal(drawn(1, MEASURE).filter((ns) => other.includes(ns)).length, 0);
  }
  assert.ok(drawn(1, MEASURE).every((ns) => Number.isSafeInteger(ns) && ns >= 1e9));
  const [first] = times;
  const elsewhere = new ThinkTimes([{ ...first!, position: 4 }], { seed: 1, flow: 0 });
  const here = new ThinkTimes([first!], { seed: 1, flow: 0 });
  assert.notEqual(elsewhere.drawNs(MEASURE, 0), here.drawNs(MEASURE, 0));
});

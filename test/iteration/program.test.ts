import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProgramNode } from '../../src/iteration/program.ts';
import { MEASURE, WARMUP } from '../../src/measure/metrics/outcome.ts';
import { FlowFixture, START_NS, stepOf, type FlowOptions } from './flow-fixture.ts';

const SECOND = 1e9;

function operation(step: number, when?: string): ProgramNode {
  return { kind: 'operation', step, ...(when !== undefined && { when }) };
}

function think(seconds: number, when?: string): ProgramNode {
  const time = { kind: 'constant', value: seconds * SECOND } as const;
  return { kind: 'think', position: 0, time, ...(when !== undefined && { when }) };
}

function steps(...names: string[]) {
  return names.map((name) => stepOf({ name, spec: name }));
}

function sentBy(fixture: FlowFixture): unknown[] {
  return fixture.driver.requests.map(({ text }) => JSON.parse(text) as unknown);
}

/** Which lanes (10 for the first step) the operations so far were counted in. */
function lanesOf(fixture: FlowFixture): number[] {
  return fixture.recorder.operations.map(({ lane }) => lane);
}

test('a step runs when its condition is true, and is not counted when it is not', async () => {
  const options: FlowOptions = {
    rows: { users: [{ paid: true }, { paid: false }, {}] },
    program: [operation(0), operation(1, 'users.paid'), operation(2, '!users.paid')],
  };
  const fixture = await FlowFixture.create(steps('a', 'paid', 'free'), options);
  const outcomes: string[] = [];
  for (const iteration of [0, 1, 2]) outcomes.push((await fixture.run(iteration)).outcome);
  assert.deepEqual(sentBy(fixture), ['a', 'paid', 'a', 'free', 'a']);
  assert.deepEqual(outcomes, ['ok', 'ok', 'ok']);
  assert.equal(fixture.recorder.counts.attempted, 5);
});

test('an iteration whose steps are all skipped is ok, and over at once', async () => {
  const fixture = await FlowFixture.create(steps('a'), { program: [operation(0, 'false')] });
  const ended = fixture.start(0, 0);
  // Not before the event loop had its turn: VUs that skip everything would hold it up for ever.
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fixture.clock.pendingTurns, 1);
  await fixture.clock.advanceBy(0);
  const end = await ended;
  assert.equal(end, START_NS);
  assert.equal(fixture.recorder.iterations[0]!.outcome, 'ok');
});

test('a value of an iteration before is never seen, and a step that needs one that was skipped ends it', async () => {
  const plans = [
    stepOf({ name: 'login', extract: { id: 'json.id' } }),
    stepOf({ name: 'use', spec: '{{ steps.login.id }}' }),
    stepOf({ name: 'other', spec: 'other' }),
  ];
  const program = [operation(0, 'iteration.id == 0'), operation(1), operation(2)];
  const answer = () => ({ result: { json: { id: 7 } } });
  const fixture = await FlowFixture.create(plans, { program, answer });
  assert.equal((await fixture.run(0)).outcome, 'ok');
  assert.equal((await fixture.run(1)).outcome, 'aborted');
  const guarded = [
    operation(0, 'iteration.id == 0'),
    operation(1, 'steps.login.id > 0'),
    operation(2),
  ];
  const other = await FlowFixture.create(plans, { program: guarded, answer });
  await other.run(0);
  assert.deepEqual(await other.run(1), { outcome: 'ok', operations: ['ok'] });
});

test('choices come as often as their weights say, and the same for whoever runs the iteration', async () => {
  const program: ProgramNode[] = [
    {
      kind: 'oneOf',
      position: 0,
      before: 0,
      choices: [
        { weight: 1, node: operation(0) },
        { weight: 3, node: { kind: 'group', before: 1, nodes: [operation(1), operation(2)] } },
      ],
    },
  ];
  const fixture = await FlowFixture.create(steps('a', 'b', 'c'), { program });
  const runs = 400;
  for (let iteration = 0; iteration < runs; iteration++) await fixture.run(iteration);
  const sent = sentBy(fixture);
  const count = (name: string) => sent.filter((one) => one === name).length;
  // Five standard deviations of a binomial count around n/4.
  assert.ok(Math.abs(count('a') - runs / 4) < 5 * Math.sqrt(runs * 0.25 * 0.75), `${count('a')}`);
  assert.equal(count('b'), runs - count('a'));
  assert.equal(count('c'), count('b'));
  const again = await FlowFixture.create(steps('a', 'b', 'c'), {
    program,
    share: { index: 2, count: 3 },
  });
  for (let iteration = 0; iteration < 20; iteration++) await again.run(iteration, 1);
  assert.deepEqual(sentBy(again), sent.slice(0, sentBy(again).length));
  const seeded = await FlowFixture.create(steps('a', 'b', 'c'), { program, seed: 2 });
  for (let iteration = 0; iteration < 20; iteration++) await seeded.run(iteration);
  assert.notDeepEqual(sentBy(seeded), sent.slice(0, sentBy(seeded).length));
});

test('think time moves on when the next step is intended, and is no part of its response time', async () => {
  const fixture = await FlowFixture.create(steps('a', 'b'), {
    program: [operation(0), think(2), operation(1)],
    answer: () => ({ serviceNs: SECOND }),
  });
  await fixture.run();
  const [first, second] = fixture.recorder.operations;
  assert.equal(second!.intended, first!.done + 2 * SECOND);
  assert.equal(second!.picked, second!.intended);
  assert.equal(second!.done - second!.intended, SECOND);
  assert.equal(fixture.recorder.iterations[0]!.responseTimeNs, 4 * SECOND);
});

test('think time at the end delays the next iteration of the VU and not the end of this one', async () => {
  const fixture = await FlowFixture.create(steps('a'), { program: [operation(0), think(3)] });
  const iterated = fixture.start(0, 0);
  await fixture.clock.advanceBy(SECOND);
  const { done } = fixture.recorder.operations[0]!;
  assert.equal(await iterated, done + 3 * SECOND);
  assert.equal(fixture.recorder.iterations[0]!.responseTimeNs, done - START_NS);
});

test('an interrupt ends a think time, and nothing is sent after it', async () => {
  const program = [operation(0), think(60), operation(1)];
  const fixture = await FlowFixture.create(steps('a', 'b'), { program });
  const iterated = fixture.start(0, 0);
  await fixture.clock.advanceBy(SECOND);
  fixture.flow.interrupt();
  await fixture.clock.advanceBy(0);
  await iterated;
  assert.equal(fixture.recorder.iterations[0]!.outcome, 'interrupted');
  assert.deepEqual(sentBy(fixture), ['a']);
});

test('who is taken away ends what it does as interrupted, and its next iteration may follow', async () => {
  const poll = { until: 'false', everyNs: 60 * SECOND };
  const plans = [stepOf({ name: 'a' }), stepOf({ name: 'b', poll, timeoutMs: 600_000 })];
  for (const [program, sent] of [
    [[think(60), operation(0)], []],
    [[operation(0), think(60), operation(1)], ['ok']],
    [[operation(1)], ['ok']],
  ] as const) {
    const fixture = await FlowFixture.create(plans, { program });
    const [first, second] = [fixture.start(0, 0), fixture.start(1, 1)];
    await fixture.clock.advanceBy(SECOND);
    fixture.flow.interruptVu(0);
    await fixture.clock.advanceBy(0);
    assert.ok((await first) <= START_NS + SECOND, 'what it did not wait for delays nothing');
    const { recorder } = fixture;
    assert.deepEqual(
      recorder.iterations.map(({ vu, outcome }) => [vu, outcome]),
      [[0, 'interrupted']],
    );
    assert.deepEqual(recorder.operations.map(({ outcome }) => outcome).slice(1), sent);
    const again = fixture.start(0, 2);
    await fixture.clock.advanceBy(58 * SECOND);
    assert.equal(recorder.iterations.length, 1);
    fixture.flow.interrupt();
    await fixture.clock.advanceBy(0);
    await Promise.all([again, second]);
  }
  const silent = await FlowFixture.create(plans, {
    program: [operation(0, 'true')],
    answer: () => ({ serviceNs: Number.POSITIVE_INFINITY }),
  });
  const ended = silent.start(0, 0);
  await silent.clock.advanceBy(SECOND);
  silent.flow.interruptVu(0);
  await silent.clock.advanceBy(0);
  await ended;
  assert.equal(silent.recorder.operations[0]!.outcome, 'interrupted');
});

test('an iteration that ends early is followed by what is thought at the end', async () => {
  const fixture = await FlowFixture.create(steps('a', 'b'), {
    program: [operation(0), think(9), operation(1, 'true'), think(3), think(4, 'false')],
    answer: () => ({ outcome: 'timeout', serviceNs: SECOND }),
  });
  const ended = fixture.start(0, 0);
  await fixture.clock.advanceBy(2 * SECOND);
  assert.equal(await ended, START_NS + SECOND + 3 * SECOND);
  assert.equal(fixture.recorder.iterations[0]!.responseTimeNs, SECOND);
});

test('think time is drawn alike whether the flow is a program or not', async () => {
  const time = { kind: 'exponential', mean: SECOND, min: 0 } as const;
  const thinking = { position: 1, time };
  const plans = steps('a', 'b');
  const plain = await FlowFixture.create(
    [plans[0]!, { ...plans[1]!, thinkBefore: [thinking] }],
    {},
  );
  const program: ProgramNode[] = [operation(0), { kind: 'think', ...thinking }, operation(1)];
  const other = await FlowFixture.create(plans, { program });
  const intended = async (fixture: FlowFixture) => {
    for (const iteration of [0, 1, 2]) await fixture.run(iteration);
    return fixture.recorder.operations.map((one) => one.intended);
  };
  assert.deepEqual(await intended(other), await intended(plain));
});

test('which checks answers failed is told, of those too that were not checked', async () => {
  const plan = stepOf({
    name: 'a',
    expect: ['json.right'],
    extract: { id: 'json.id' },
    checkShare: 0.5,
    onFail: 'continue',
  });
  const fixture = await FlowFixture.create([plan], {
    program: [operation(0)],
    answer: () => ({ result: { json: { right: false } } }),
  });
  for (let iteration = 0; iteration < 100; iteration++) await fixture.run(iteration);
  const counts = new Map(
    fixture.flow.brokenChecks.map(({ target, reason, count }) => [`${target} ${reason}`, count]),
  );
  const [checked = 0, missing = 0] = [
    counts.get('main a: not json.right'),
    counts.get('main a: a value to extract is missing'),
  ];
  assert.equal(checked + missing, 100);
  assert.ok(checked > 20 && missing > 20, `${checked} and ${missing}`);
});

const POLL = { until: 'json.ready', everyNs: SECOND };

test('a poll repeats its request until an answer fits, and measures from the first to that one', async () => {
  const plans = [stepOf({ name: 'wait', poll: POLL, extract: { value: 'json.value' } })];
  const fixture = await FlowFixture.create(plans, {
    program: [operation(0)],
    answer: ({ serial }) => ({
      serviceNs: 0.1 * SECOND,
      result: { json: serial < 2 ? { ready: false } : { ready: true, value: 1 } },
    }),
  });
  const pollTimes: number[] = [];
  const { finished } = fixture.recorder;
  fixture.recorder.finished = (phase, lane, slot, slots) => {
    pollTimes.push(slots.phases[2]![slot]!);
    finished.call(fixture.recorder, phase, lane, slot, slots);
  };
  assert.deepEqual(await fixture.run(), { outcome: 'ok', operations: ['ok', 'ok', 'ok'] });
  assert.deepEqual(pollTimes, [NaN, NaN, 2.1 * SECOND]);
  const intended = fixture.recorder.operations.map((one) => one.intended - START_NS);
  assert.deepEqual(intended, [0, SECOND, 2 * SECOND]);
});

test('a poll that takes longer than the timeout of its step is a timeout', async () => {
  const poll = { ...POLL, everyNs: 2 * SECOND };
  const never = await FlowFixture.create([stepOf({ name: 'wait', poll, timeoutMs: 5000 })], {
    program: [operation(0)],
    answer: () => ({ result: { json: { ready: false } } }),
  });
  assert.deepEqual(await never.run(), { outcome: 'aborted', operations: ['ok', 'ok', 'timeout'] });
  const silent = await FlowFixture.create([stepOf({ name: 'wait', poll, timeoutMs: 5000 })], {
    program: [operation(0)],
    answer: ({ serial }) =>
      serial === 0 ? { result: { json: {} } } : { serviceNs: Number.POSITIVE_INFINITY },
  });
  assert.deepEqual(await silent.run(), { outcome: 'aborted', operations: ['ok', 'timeout'] });
  const [, last] = silent.recorder.operations;
  assert.equal(last!.done, START_NS + 5 * SECOND);
});

test('a poll goes on over answers that fail only where it names the status', async () => {
  const answer: FlowOptions['answer'] = ({ serial }) =>
    serial < 2
      ? { outcome: 'rejected', result: { status: 503 } }
      : { result: { status: 200, json: { ready: true } } };
  const run = async (until: string) => {
    const plans = [stepOf({ name: 'wait', poll: { ...POLL, until } })];
    const fixture = await FlowFixture.create(plans, { program: [operation(0)], answer });
    return (await fixture.run()).operations;
  };
  assert.deepEqual(await run('json.ready'), ['rejected']);
  assert.deepEqual(await run('status == 200'), ['ok', 'ok', 'ok']);
});

test('numbers out of answers are recorded in their unit, and what is no number fails the check', async () => {
  const record = [
    { name: 'took', value: 'json.took', unit: 'ms' },
    { name: 'hits', value: 'json.hits.size()', unit: 'count' },
  ] as const;
  const fixture = await FlowFixture.create([stepOf({ name: 'a', record })], {
    program: [operation(0)],
    answer: ({ serial }) => ({
      result: { json: serial === 0 ? { took: 1.5, hits: [1, 2, 3] } : { took: 'long', hits: [] } },
    }),
  });
  const seen: number[][] = [];
  const { finished } = fixture.recorder;
  fixture.recorder.finished = (phase, lane, slot, slots) => {
    seen.push([slots.phases[2]![slot]!, slots.phases[3]![slot]!]);
    finished.call(fixture.recorder, phase, lane, slot, slots);
  };
  assert.equal((await fixture.run(0)).outcome, 'ok');
  assert.deepEqual((await fixture.run(1)).operations, ['check_failed']);
  assert.deepEqual(seen[0], [1.5e6, 3]);
});

test('a tag out of data chooses the lane, and what it does not name is other', async () => {
  const dataTags = [
    { name: 'tenant', value: 'rows.tenant', labels: ['free', 'pro'] },
    { name: 'length', value: 'rows.length', labels: ['..5', '5..15', '15..'], bounds: [5, 15] },
  ];
  const rows = [
    { tenant: 'free', length: 4.9 },
    { tenant: 'free', length: 5 },
    { tenant: 'pro', length: 15 },
    { tenant: 'else', length: 'long' },
    {},
  ];
  const fixture = await FlowFixture.create([stepOf({ name: 'a', dataTags })], {
    rows: { rows },
    program: [operation(0)],
  });
  for (const iteration of rows.keys()) await fixture.run(iteration);
  // Lane 10, and four values of length for each of the three of tenant.
  assert.deepEqual(lanesOf(fixture), [10, 11, 10 + 4 + 2, 10 + 8 + 3, 10 + 8 + 3]);
});

test('only a share of the answers is checked, drawn by the seed', async () => {
  const plans = [
    stepOf({ name: 'a', expect: ['json.right'], checkShare: 0.25, onFail: 'continue' }),
  ];
  const fixture = await FlowFixture.create(plans, {
    program: [operation(0)],
    answer: () => ({ result: { json: { right: false } } }),
  });
  const runs = 400;
  for (let iteration = 0; iteration < runs; iteration++) await fixture.run(iteration);
  const failed = fixture.recorder.operations.filter(({ outcome }) => outcome === 'check_failed');
  assert.ok(Math.abs(failed.length - runs / 4) < 5 * Math.sqrt(runs * 0.25 * 0.75));
});

test('a failure ends the iteration or lets it go on, in groups as anywhere', async () => {
  const plans = [
    stepOf({ name: 'a', onFail: 'continue' }),
    stepOf({ name: 'b' }),
    stepOf({ name: 'c' }),
  ];
  const program: ProgramNode[] = [
    { kind: 'group', before: 0, nodes: [operation(0), operation(1)] },
    operation(2),
  ];
  const run = async (failing: number) => {
    const fixture = await FlowFixture.create(plans, {
      program,
      answer: ({ serial }) => (serial === failing ? { outcome: 'status_error' } : {}),
    });
    return fixture.run();
  };
  assert.deepEqual(await run(0), { outcome: 'failed', operations: ['status_error', 'ok', 'ok'] });
  assert.deepEqual(await run(1), { outcome: 'aborted', operations: ['ok', 'status_error'] });
});

test('warm-up and measured phase draw apart', async () => {
  const choices = [0, 1].map((step) => ({ weight: 1, node: operation(step) }));
  const program: ProgramNode[] = [{ kind: 'oneOf', position: 0, before: 0, choices }];
  const fixture = await FlowFixture.create(steps('a', 'b'), { program });
  const lanes = async (phase: number) => {
    const from = lanesOf(fixture).length;
    for (let iteration = 0; iteration < 40; iteration++) {
      const iterated = fixture.start(0, iteration, phase);
      await fixture.clock.advanceBy(SECOND);
      await iterated;
    }
    return lanesOf(fixture).slice(from);
  };
  assert.notDeepEqual(await lanes(WARMUP), await lanes(MEASURE));
});

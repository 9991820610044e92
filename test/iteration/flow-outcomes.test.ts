import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OUTCOMES, type Outcome } from '../../src/measure/metrics/outcome.ts';
import type { Answer } from './fake-driver.ts';
import { FlowFixture, stepOf } from './flow-fixture.ts';

async function outcomeOf(answer: Answer, step: Parameters<typeof stepOf>[0]): Promise<string> {
  const fixture = await FlowFixture.create([stepOf(step)], { answer: () => answer });
  const { operations } = await fixture.run();
  fixture.recorder.assertBalanced();
  return operations.join();
}

test('an ok answer that fails an expectation is check_failed', async () => {
  const expect = ['json.n == 1', 'json.m == 2'];
  const answer = (json: unknown): Answer => ({ result: { status: 200, json } });
  assert.equal(await outcomeOf(answer({ n: 1, m: 2 }), { name: 'a', expect }), 'ok');
  assert.equal(await outcomeOf(answer({ n: 1, m: 3 }), { name: 'a', expect }), 'check_failed');
  assert.equal(await outcomeOf(answer({ n: 1 }), { name: 'a', expect }), 'check_failed');
  assert.equal(await outcomeOf(answer(undefined), { name: 'a', expect }), 'check_failed');
});

test('an expectation that names the status replaces the driver’s rule for it', async () => {
  const missing: Answer = { outcome: 'status_error', result: { status: 404, json: {} } };
  const busy: Answer = { outcome: 'rejected', result: { status: 503, json: {} } };
  const expect = ['status == 404'];
  assert.equal(await outcomeOf(missing, { name: 'a', expect }), 'ok');
  assert.equal(await outcomeOf(busy, { name: 'a', expect }), 'rejected');
  assert.equal(await outcomeOf({}, { name: 'a', expect }), 'check_failed');
  assert.equal(await outcomeOf(busy, { name: 'a', expect: ['status in [200, 503]'] }), 'ok');
});

test('without the status named, what the driver calls a failure is not checked', async () => {
  const missing: Answer = { outcome: 'status_error', result: { status: 404, json: { n: 1 } } };
  assert.equal(await outcomeOf(missing, { name: 'a', expect: ['json.n == 1'] }), 'status_error');
  assert.equal(await outcomeOf(missing, { name: 'a' }), 'status_error');
});

test('what is no answer keeps its outcome, whatever is expected', async () => {
  for (const outcome of OUTCOMES) {
    if (outcome === 'ok' || outcome === 'status_error' || outcome === 'rejected') continue;
    const answer: Answer = { outcome, result: { status: 200, json: {} } };
    assert.equal(await outcomeOf(answer, { name: 'a', expect: ['status == 200'] }), outcome);
    assert.equal(await outcomeOf(answer, { name: 'a', expect: ['status == 500'] }), outcome);
  }
});

test('a value that cannot be extracted makes an ok answer check_failed', async () => {
  const step = { name: 'a', extract: { vector: 'json.embeddings[0]' } };
  const answer = (json: unknown): Answer => ({ result: { status: 200, json } });
  assert.equal(await outcomeOf(answer({ embeddings: [[1]] }), step), 'ok');
  assert.equal(await outcomeOf(answer({ embeddings: [null] }), step), 'ok');
  assert.equal(await outcomeOf(answer({ embeddings: [] }), step), 'check_failed');
});

test('items are what the expression counts, and one where there is none', async () => {
  const itemsOf = async (items: string | undefined, answer: Answer) => {
    const step = stepOf({ name: 'a', ...(items !== undefined && { items }) });
    const options = { answer: () => answer, params: { batch: 8 } };
    const fixture = await FlowFixture.create([step], options);
    const { operations } = await fixture.run();
    return [operations.join(), fixture.recorder.counts.items];
  };
  const answer: Answer = { result: { status: 200, json: { list: [1, 2, 3], word: 'x' } } };
  assert.deepEqual(await itemsOf(undefined, answer), ['ok', 1]);
  assert.deepEqual(await itemsOf('params.batch', answer), ['ok', 8]);
  assert.deepEqual(await itemsOf('json.list.size()', answer), ['ok', 3]);
  assert.deepEqual(await itemsOf('json.nope', answer), ['check_failed', 0]);
  assert.deepEqual(await itemsOf('json.word', answer), ['check_failed', 0]);
  assert.deepEqual(await itemsOf('params.batch', { outcome: 'timeout' }), ['timeout', 0]);
});

test('goodput may ask for what a driver counts and samples, one by one', async () => {
  for (const poll of [undefined, { until: 'true', everyNs: 1e6 }]) {
    const goodputOf = async (slo: Record<string, number>, answer: Answer) => {
      const step = stepOf({ name: 'a', slo, ...(poll && { poll }) });
      const program = poll && { program: [{ kind: 'operation', step: 0 } as const] };
      const fixture = await FlowFixture.create([step], { ...program, answer: () => answer });
      await fixture.run();
      return fixture.recorder.counts.goodput;
    };
    const answer: Answer = { retries: 2, gapsNs: [3e6, 9e6, 1e6] };
    assert.equal(await goodputOf({ retries: 2 }, answer), 1);
    assert.equal(await goodputOf({ retries: 1 }, answer), 0);
    assert.equal(await goodputOf({ retries: 0 }, {}), 1);
    assert.equal(await goodputOf({ gap: 9e6 }, answer), 1);
    assert.equal(await goodputOf({ gap: 9e6 - 1 }, answer), 0);
    assert.equal(await goodputOf({ gap: 0 }, {}), 1, 'nothing that could be beyond it');
  }
});

test('goodput needs an ok answer and every limit met', async () => {
  const goodputOf = async (slo: Record<string, number>, answer: Answer) => {
    const fixture = await FlowFixture.create([stepOf({ name: 'a', slo })], {
      answer: () => answer,
    });
    await fixture.run();
    return fixture.recorder.counts.goodput;
  };
  const answer: Answer = { serviceNs: 5e6, phases: [NaN, 2e6] };
  assert.equal(await goodputOf({}, answer), 0);
  assert.equal(await goodputOf({ response_time: 5e6 }, answer), 1);
  assert.equal(await goodputOf({ response_time: 5e6 - 1 }, answer), 0);
  assert.equal(await goodputOf({ service_time: 5e6, first_byte: 2e6 }, answer), 1);
  assert.equal(await goodputOf({ service_time: 5e6, first_byte: 2e6 - 1 }, answer), 0);
  assert.equal(await goodputOf({ connect_time: 1e12 }, answer), 0, 'a phase that did not happen');
  assert.equal(await goodputOf({ response_time: 1e12 }, { outcome: 'status_error' }), 0);
});

test('a limit on a metric that the driver does not have is refused', async () => {
  const step = stepOf({ name: 'a', slo: { ttft: 1 } });
  await assert.rejects(FlowFixture.create([step]), /slo names ttft, which fake does not measure/);
});

test('a failed step ends the iteration as aborted, or lets it go on as failed', async () => {
  const failing = (onFail: 'endIteration' | 'continue') => [
    stepOf({ name: 'a', onFail }),
    stepOf({ name: 'b' }),
  ];
  const answer = ({ serial }: { serial: number }): Answer =>
    serial === 0 ? { outcome: 'timeout' } : {};
  const ending = await FlowFixture.create(failing('endIteration'), { answer });
  assert.deepEqual(await ending.run(), { outcome: 'aborted', operations: ['timeout'] });
  const going = await FlowFixture.create(failing('continue'), { answer });
  assert.deepEqual(await going.run(), { outcome: 'failed', operations: ['timeout', 'ok'] });
});

test('a cancelled operation fails nothing', async () => {
  const steps = [stepOf({ name: 'a' }), stepOf({ name: 'b' })];
  const fixture = await FlowFixture.create(steps, {
    answer: ({ serial }) => (serial === 0 ? { outcome: 'cancelled' } : {}),
  });
  assert.deepEqual(await fixture.run(), { outcome: 'ok', operations: ['cancelled', 'ok'] });
});

test('every attempt and every iteration has exactly one end, however they end', async () => {
  const answers = fc.array(fc.constantFrom<Outcome>(...OUTCOMES), { minLength: 1, maxLength: 30 });
  const onFail = fc.array(fc.constantFrom('endIteration' as const, 'continue' as const), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(answers, onFail, fc.nat(40), async (outcomes, rules, interruptAfterMs) => {
      const steps = rules.map((rule, index) =>
        stepOf({ name: `s${index}`, onFail: rule, expect: index % 2 ? ['status == 200'] : [] }),
      );
      const fixture = await FlowFixture.create(steps, {
        slotCount: 3,
        answer: ({ serial }) => ({
          outcome: outcomes[serial % outcomes.length]!,
          serviceNs: serial % 7 === 6 ? Number.POSITIVE_INFINITY : (1 + (serial % 5)) * 1e6,
        }),
      });
      const { recorder, clock, flow } = fixture;
      const running = [0, 1, 2].map(async (vu) => {
        for (let iteration = 0; iteration < 5; iteration++) await fixture.start(vu, iteration);
      });
      await clock.advanceBy(interruptAfterMs * 1e6);
      flow.interrupt();
      await clock.advanceBy(1e9);
      await Promise.all(running);
      recorder.assertBalanced();
      assert.equal(recorder.counts.started, 15);
      for (const { outcome } of recorder.iterations) assert.ok(outcome);
    }),
    { numRuns: 60 },
  );
});

test('a VU that is taken away ends its iteration as interrupted, and no other VU does', async () => {
  const fixture = await FlowFixture.create(
    [stepOf({ name: 'first' }), stepOf({ name: 'second' })],
    {
      answer: () => ({ serviceNs: 10e6 }),
    },
  );
  const iterations = [fixture.start(0, 0), fixture.start(1, 1)];
  await fixture.clock.advanceBy(5e6);
  fixture.flow.interruptVu(0);
  await fixture.clock.advanceBy(60e9);
  await Promise.all(iterations);
  assert.deepEqual(
    fixture.recorder.iterations.map(({ outcome }) => outcome),
    ['interrupted', 'ok'],
  );
  assert.deepEqual(
    fixture.recorder.operations.map(({ outcome }) => outcome),
    ['interrupted', 'ok', 'ok'],
  );
  assert.equal((await fixture.run(2, 0)).outcome, 'ok', 'it runs the next one again');
});

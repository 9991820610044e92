import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpressionError } from '../../src/base/expressions/expression-error.ts';
import { MEASURE, WARMUP } from '../../src/measure/metrics/outcome.ts';
import type { ProgramNode } from '../../src/iteration/program.ts';
import { failureOf, FlowFixture, stepOf, type FlowOptions } from './flow-fixture.ts';

const ROWS = { queries: [{ line: 'one' }, { line: 'two' }, { line: 'three' }] };

function textsOf(fixture: FlowFixture): unknown[] {
  return fixture.driver.requests.map(({ text }) => JSON.parse(text) as unknown);
}

test('a feeder advances once per iteration, whatever refers to it', async () => {
  const steps = ['a', 'b'].map((name) => stepOf({ name, spec: [name, '{{ queries.line }}'] }));
  const fixture = await FlowFixture.create(steps, { rows: ROWS });
  for (const iteration of [0, 1, 4]) await fixture.run(iteration, iteration % 2);
  assert.deepEqual(
    textsOf(fixture).map((text) => (text as string[]).join()),
    ['a,one', 'b,one', 'a,two', 'b,two', 'a,two', 'b,two'],
  );
});

test('a value leaves a step by extract, and the next one reads it with its type', async () => {
  const steps = [
    stepOf({
      name: 'embed',
      extract: { vector: 'json.embeddings[0]', n: 'json.embeddings.size()' },
    }),
    stepOf({ name: 'knn', spec: { vector: '{{ steps.embed.vector }}', n: '{{ steps.embed.n }}' } }),
  ];
  const fixture = await FlowFixture.create(steps, {
    answer: ({ serial }) => ({ result: { json: { embeddings: [[serial, 0.5]] } } }),
  });
  await fixture.run(0);
  await fixture.run(1);
  assert.deepEqual(textsOf(fixture), [
    {},
    { vector: [0, 0.5], n: 1 },
    {},
    { vector: [2, 0.5], n: 1 },
  ]);
});

test('extracted bytes outlive the buffer that the driver reuses', async () => {
  const buffer = Buffer.alloc(6);
  const steps = [
    stepOf({ name: 'read', extract: { raw: 'body' } }),
    stepOf({ name: 'other' }),
    stepOf({ name: 'use', spec: '{{ string(steps.read.raw) }}' }),
  ];
  const fixture = await FlowFixture.create(steps, {
    answer: ({ serial }) => {
      buffer.write(`body-${serial}`);
      return { result: { body: buffer } };
    },
  });
  await fixture.run();
  assert.deepEqual(textsOf(fixture), [{}, {}, 'body-0']);
});

test('a step that reads what a failed one was to extract is not attempted, nor fed old values', async () => {
  const steps = [
    stepOf({ name: 'embed', extract: { vector: 'json.v' }, onFail: 'continue' }),
    stepOf({ name: 'other' }),
    stepOf({ name: 'knn', spec: '{{ steps.embed.vector }}' }),
  ];
  const fixture = await FlowFixture.create(steps, {
    answer: ({ serial }) =>
      serial === 3 ? { outcome: 'timeout' } : { result: { json: { v: 'old' } } },
  });
  assert.deepEqual(await fixture.run(0), { outcome: 'ok', operations: ['ok', 'ok', 'ok'] });
  assert.deepEqual(await fixture.run(1), { outcome: 'aborted', operations: ['timeout', 'ok'] });
  assert.deepEqual(await fixture.run(2), { outcome: 'ok', operations: ['ok', 'ok', 'ok'] });
  fixture.recorder.assertBalanced();
});

test('a row that breaks a template ends the run, with the row named and the account whole', async () => {
  const rows = { queries: [{ line: 'one' }, { other: 'x' }, { line: null }] };
  const step = stepOf({ name: 'embed', spec: { texts: ['q: {{ queries.line }}'] } });
  const fixture = await FlowFixture.create([step], { rows });
  await fixture.run(0);
  const error = await failureOf(fixture.run(1));
  assert.equal(error.code, 'TEMPLATE_FAILED');
  assert.equal(
    error.message,
    'The template q: {{ queries.line }} of step "embed" failed on row 2 of "queries": queries.line is missing.',
  );
  assert.match(
    (await failureOf(fixture.run(2))).message,
    /row 3 of "queries": queries\.line: .* null/,
  );
  assert.equal(fixture.driver.requests.length, 1);
  assert.deepEqual(
    fixture.recorder.iterations.map(({ outcome }) => outcome),
    ['ok', 'aborted', 'aborted'],
  );
  fixture.recorder.assertBalanced();
});

test('params are put in once, and computed with', async () => {
  const step = stepOf({ name: 'a', spec: ['{{ params.k * 2 }}', 'k={{ params.k }}'] });
  const fixture = await FlowFixture.create([step], { params: { k: 5 } });
  await fixture.run();
  assert.deepEqual(textsOf(fixture), [[10, 'k=5']]);
  assert.equal(fixture.driver.uses[0]!.json(step.spec).constant, '[10,"k=5"]');
});

test('VUs have numbers of their own over all workers', async () => {
  const step = stepOf({ name: 'a', spec: '{{ vu.id }}' });
  const numbers = await Promise.all(
    [0, 1, 2].map(async (index) => {
      const fixture = await FlowFixture.create([step], { share: { index, count: 3 } });
      await fixture.run(0, 0);
      await fixture.run(1, 1);
      return textsOf(fixture) as number[];
    }),
  );
  assert.deepEqual(
    numbers.flat().toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6],
  );
});

async function identities(options: FlowOptions, phase: number): Promise<unknown[]> {
  const step = stepOf({ name: 'a', spec: ['{{ iteration.id }}', '{{ iteration.uuid }}'] });
  const fixture = await FlowFixture.create([step], options);
  for (const iteration of [0, 1, 2 ** 40]) {
    const iterated = fixture.start(0, iteration, phase);
    await fixture.clock.advanceBy(1e9);
    await iterated;
  }
  return textsOf(fixture);
}

test('an iteration has the same id and UUID on every worker, and another one in every other place', async () => {
  const here = await identities({}, MEASURE);
  assert.deepEqual(
    here.map((pair) => (pair as [number, string])[0]),
    [0, 1, 2 ** 40],
  );
  assert.deepEqual(await identities({ share: { index: 2, count: 5 } }, MEASURE), here);
  const elsewhere = await Promise.all([
    identities({}, WARMUP),
    identities({ flow: 1 }, MEASURE),
    identities({ seed: 2 }, MEASURE),
  ]);
  const uuids = [here, ...elsewhere].flat().map((pair) => (pair as [number, string])[1]);
  assert.equal(new Set(uuids).size, 12);
  for (const uuid of uuids) {
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('a warm-up reads other generated rows than what is measured, in a program too', async () => {
  const step = stepOf({ name: 'a', spec: '{{ keys.id }}' });
  const feeders = { keys: { generate: 'values', fields: { id: { sequence: 0 } } } };
  const program: ProgramNode[] = [{ kind: 'operation', step: 0 }];
  for (const options of [{ feeders }, { feeders, program }]) {
    const fixture = await FlowFixture.create([step], options);
    for (const phase of [MEASURE, WARMUP]) {
      const iterated = fixture.start(0, 3, phase);
      await fixture.clock.advanceBy(1e9);
      await iterated;
    }
    assert.deepEqual(textsOf(fixture), [3, 3 + 2 ** 30]);
  }
});

test('the driver hears which fields of the answer are read', async () => {
  const steps = [
    stepOf({ name: 'a', expect: ['status == 200'] }),
    stepOf({ name: 'b', extract: { x: 'json.a.b' }, items: 'json.n' }),
    stepOf({ name: 'c', spec: '{{ steps.b.x }}' }),
  ];
  const fixture = await FlowFixture.create(steps);
  const fields = fixture.driver.uses.map(({ fieldsRead }) => [...fieldsRead].toSorted());
  assert.deepEqual(fields, [['status'], ['json'], []]);
});

test('a template or expression that names what is not there is refused while compiling', async () => {
  for (const step of [
    stepOf({ name: 'a', spec: '{{ queries.lines }}' }),
    stepOf({ name: 'a', spec: '{{ json.a }}' }),
    stepOf({ name: 'a', spec: '{{ steps.a.x }}' }),
    stepOf({ name: 'a', expect: ['stat == 200'] }),
  ]) {
    await assert.rejects(FlowFixture.create([step], { rows: ROWS }), ExpressionError);
  }
});

test('a row that is held for a VU is the one of its number, in every iteration', async () => {
  const steps = [stepOf({ name: 'get', spec: { user: '{{ users.n }}' } })];
  const users = { inline: [10, 11, 12, 13, 14].map((n) => ({ n })), per: 'vu' };
  const share = { index: 1, count: 2 };
  const fixture = await FlowFixture.create(steps, { share, feeders: { users } });
  const runs = [
    [0, 0],
    [7, 1],
    [8, 0],
  ] as const;
  for (const [iteration, vu] of runs) await fixture.run(iteration, vu);
  assert.deepEqual(textsOf(fixture), [{ user: 11 }, { user: 13 }, { user: 11 }]);
});

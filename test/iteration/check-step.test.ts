import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStepExpressions, type StepExpressions } from '../../src/iteration/check-step.ts';

const KNOWN = {
  params: ['batch'],
  feeders: { queries: ['line'], table: 'any' as const },
  extracts: { embed: ['vector'], health: [] },
  resultFields: ['status', 'json'],
};

function problems(step: Partial<StepExpressions>): string[] {
  const whole = { verb: 'request', spec: {}, expect: [], extract: {}, ...step };
  return checkStepExpressions(whole, KNOWN).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

test('a step whose expressions are right has no problems', () => {
  assert.deepEqual(
    problems({
      spec: {
        path: '/search/{{ iteration.uuid }}',
        json: { texts: ['{{ queries.line }}', '{{ table.column }}'], k: 3, none: null },
        vector: '{{ steps.embed.vector }}',
      },
      expect: ['status == 200', 'json.ok', 'json.hits.all(h, h.score > 0.5)'],
      extract: { id: 'json.id', count: 'json.hits.size()' },
      items: 'params.batch',
    }),
    [],
  );
});

test('every problem is told at once, each with its path', () => {
  const found = problems({
    spec: { json: { texts: ['ok', '{{ queries.lines }}'], vector: '{{ steps.embd.vector }}' } },
    expect: ['status == 200', 'stauts == 200', 'status =='],
    extract: { id: 'jsn.id' },
    items: 'param.batch',
  });
  assert.deepEqual(
    found.map((problem) => problem.split(':')[0]),
    ['expect.1', 'expect.2', 'extract.id', 'items', 'request.json.texts.1', 'request.json.vector'],
  );
  assert.match(found[0]!, /did you mean "status"/);
  assert.match(found[4]!, /"lines" is no field of queries; did you mean "line"/);
  assert.match(found[5]!, /"embd" is no field of steps; did you mean "embed"/);
});

test('an expectation that can never be true or false is a problem', () => {
  assert.deepEqual(problems({ expect: ['json.ids.size()', '"ok"', 'json.ok'] }), [
    'expect.0: it gives int; expected bool',
    'expect.1: it gives string; expected bool',
  ]);
  assert.deepEqual(problems({ items: '"three"' }), [
    'items: it gives string; expected int or double',
  ]);
});

test('braces around a bare expression, and an answer in a request, are named as what they are', () => {
  assert.match(problems({ expect: ['{{ status == 200 }}'] })[0]!, /without \{\{ \}\}/);
  assert.deepEqual(problems({ spec: { path: '/{{ json.next }}' } }), [
    'request.path: "json" is not known here: a request is made before its answer is there',
  ]);
});

test('a step without extracted values has none to read', () => {
  assert.match(
    problems({ spec: '{{ steps.health.ok }}' })[0]!,
    /"ok" is no field of steps\.health/,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression } from '../../../src/base/expressions/expression.ts';
import { ExpressionError } from '../../../src/base/expressions/expression-error.ts';
import type { Shape } from '../../../src/base/expressions/roots.ts';

const SCOPE = {
  params: { batch: 2, seven: 7, half: 0.5 },
  status: 200,
  text: 'hello',
  json: {
    embeddings: [[1, 0.5, 3]],
    ids: [1, 2, 3],
    mixed: [1, 0.5],
    nothing: null,
    items: [{ a: 1 }, { a: 2 }],
    word: 'héé😀',
    big: 2 ** 53,
  },
  outputs: { shape: [2, 384] },
};

function evaluate(text: string): unknown {
  return compileExpression(text, { roots: 'any' }).evaluate(SCOPE);
}

test('integers from JSON are CEL ints, and mix with doubles by rule', () => {
  const expected: Record<string, unknown> = {
    'params.batch * 100000': 200_000,
    'params.seven / 2': 3,
    'params.seven / 2.0': 3.5,
    '2.0 / params.batch': 1,
    'params.half * 3': 1.5,
    '3 - params.half': 2.5,
    'params.half - 3': -2.5,
    'params.half + params.batch': 2.5,
    'params.batch + params.half': 2.5,
    'params.half / params.batch': 0.25,
    'params.seven % 2': 1,
    '-params.batch': -2,
    'text.substring(params.batch)': 'llo',
    'type(params.batch) == int': true,
    'type(params.half) == double': true,
    'outputs.shape == [params.batch, 384]': true,
    '[params.batch, 384] == outputs.shape': true,
    'outputs.shape == [2.0, 384]': true,
    'json.ids == [1, 2, 3]': true,
    'json.mixed == [1, 0.5]': true,
    '2 in json.ids': true,
    '1 in json.mixed': true,
    'json.ids[params.batch]': 3,
    'json.items.map(x, x.a * 2)': [2, 4],
    'json.ids.filter(x, x % 2 == 1)': [1, 3],
    'json.ids.map(x, string(x)).join(",")': '1,2,3',
    '{"a": params.batch}.a + 1': 3,
    'cel.bind(x, params.batch, x + 1)': 3,
    '1 == 1.0': true,
    'status > 199.5': true,
    'json.embeddings[0].size() == 3': true,
    'json.embeddings[0].size() > 2.5': true,
    'json.word.size()': 4,
    'size(json.ids)': 3,
    '[1.0, 2.0].map(x, x * 2.0)': [2, 4],
    'has(json.ids)': true,
    'has(json.nope)': false,
    'json.nothing == null': true,
    'json.big': 2 ** 53,
  };
  for (const [text, value] of Object.entries(expected)) {
    assert.deepEqual(evaluate(text), value, text);
  }
});

test('integers beyond what a double holds stay exact', () => {
  assert.equal(evaluate('9007199254740993'), 9007199254740993n);
  assert.deepEqual(evaluate('[9007199254740993, 1]'), [9007199254740993n, 1]);
  assert.deepEqual(evaluate('{"a": {"b": [2]}}'), { a: { b: [2] } });
});

test('a path is read from any kind of object, and its value comes back as it is', () => {
  const vector = new Float32Array([1, 2]);
  class Row {
    get vector(): Float32Array {
      return vector;
    }
  }
  const expression = compileExpression('row.vector', { roots: 'any' });
  assert.equal(expression.evaluate({ row: new Row() }), vector);
  const element = compileExpression('row.vector[1]', { roots: 'any' });
  assert.equal(element.evaluate({ row: new Row() }), 2);
});

test('what is missing is an error for evaluate and false for test', () => {
  for (const text of [
    'json.nope',
    'nope',
    'json.ids[3]',
    'json.ids.length',
    'json.constructor',
    'text.length',
    'json.nope == 1',
    'json.nope.size() == 384',
    'json.nothing.x == 1',
    'json.nope > 1 && status == 200',
    '!json.nope',
    'json.nope in [1, 2]',
    'json.nope.map(x, x)',
  ]) {
    const expression = compileExpression(text, { roots: 'any' });
    assert.throws(() => expression.evaluate(SCOPE), ExpressionError, text);
    assert.equal(expression.test(SCOPE), false, text);
  }
});

test('an operand that fails does not matter where the other one settles the answer', () => {
  assert.equal(evaluate('json.nope == 1 && status == 500'), false);
  assert.equal(evaluate('json.nope == 1 || status == 200'), true);
});

test('only true passes a test', () => {
  const passes = (text: string) => compileExpression(text, { roots: 'any' }).test(SCOPE);
  assert.equal(passes('status == 200'), true);
  assert.equal(passes('json.ids.all(x, x > 0)'), true);
  assert.equal(passes('status'), false);
  assert.equal(passes('json.ids.size()'), false);
  assert.equal(passes('text + "!"'), false);
});

const ROOTS: Shape = {
  params: { batch: 'any' },
  queries: { line: 'any' },
  steps: { embed: { vector: 'any' } },
  vu: { id: 'any' },
  status: 'any',
  json: 'any',
};

function readsOf(text: string): string[] {
  return [...compileExpression(text, { roots: ROOTS }).reads].toSorted();
}

test('reads name what an expression needs, as far as the roots are known', () => {
  assert.deepEqual(readsOf('status == 200 && json.a[0].b.size() == 3'), ['json', 'status']);
  assert.deepEqual(readsOf('steps.embed.vector[0] + params.batch'), [
    'params.batch',
    'steps.embed.vector',
  ]);
  assert.deepEqual(readsOf('queries["line"].contains("x")'), ['queries.line']);
  assert.deepEqual(readsOf('json.hits.map(h, h.text).join(queries.line)'), [
    'json',
    'queries.line',
  ]);
  assert.deepEqual(readsOf('json.hits.all(json, json.ok) ? vu.id : 1'), ['json', 'vu.id']);
  assert.deepEqual(readsOf('cel.bind(status, json.a, status.x)'), ['json']);
  assert.deepEqual(readsOf('json[params.batch]'), ['json', 'params.batch']);
  assert.deepEqual(readsOf('has(json.a.b) && type(1) == int'), ['json']);
  assert.deepEqual(readsOf('{"a": [vu.id]}'), ['vu.id']);
  assert.deepEqual(readsOf('steps'), ['steps']);
  assert.deepEqual(readsOf('1 + 1'), []);
});

function problemOf(text: string): ExpressionError {
  try {
    compileExpression(text, { roots: ROOTS });
  } catch (error) {
    assert.ok(error instanceof ExpressionError);
    return error;
  }
  return assert.fail(`${text} was accepted`);
}

test('an unknown name is refused with the nearest known one and its place', () => {
  const root = problemOf('1 + querys.line');
  assert.match(root.message, /"querys" is not known here; did you mean "queries"\?/);
  assert.equal(root.offset, 4);
  const field = problemOf('queries.lines == "a"');
  assert.match(field.message, /"lines" is no field of queries; did you mean "line"\?/);
  assert.equal(field.offset, 8);
  const step = problemOf('steps.embed["wrong"]');
  assert.match(step.message, /"wrong" is no field of steps\.embed; known: vector/);
  assert.equal(step.offset, 12);
  assert.match(problemOf('json.map(x, y)').message, /"y" is not known here/);
});

test('a root that CEL takes for one of its types is refused instead of misread', () => {
  assert.throws(
    () => compileExpression('bytes.size()', { roots: { bytes: 'any' } }),
    /"bytes" is a type of CEL/,
  );
  assert.ok(compileExpression('type(1) == int', { roots: {} }));
});

test('wrong syntax and types that cannot fit are refused while compiling, in one line', () => {
  assert.equal(problemOf('status ==').offset, 9);
  assert.equal(problemOf('').offset, 0);
  assert.match(problemOf('"a" + 1').message, /no such overload: string \+ int/);
  assert.match(problemOf('status.nope()').message, /nope/);
  for (const text of ['status ==', '"a" + 1']) assert.ok(!problemOf(text).message.includes('\n'));
});

test('the static type tells what can never be true or false', () => {
  const typeOf = (text: string) => compileExpression(text, { roots: ROOTS }).type;
  assert.equal(typeOf('status == 200'), 'bool');
  assert.equal(typeOf('json.ok'), 'dyn');
  assert.equal(typeOf('json.ids.size()'), 'int');
});

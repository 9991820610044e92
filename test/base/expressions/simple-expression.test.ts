import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCel } from '../../../src/base/expressions/cel-library.ts';
import { toJavaScript } from '../../../src/base/expressions/cel-values.ts';
import { compileExpression } from '../../../src/base/expressions/expression.ts';
import { collectReads, pathOf } from '../../../src/base/expressions/reads.ts';
import {
  compileSimple,
  FAILED,
  UNDECIDED,
} from '../../../src/base/expressions/simple-expression.ts';

const ERROR = 'an error';

/** The oracle: the library alone, with integers from JSON, without our closures. */
function libraryAnswer(text: string, scope: object): unknown {
  const program = parseCel(text);
  collectReads(program.ast, text, 'any');
  if (!program.check().valid) return ERROR;
  try {
    return toJavaScript(program(scope));
  } catch {
    return ERROR;
  }
}

function closureAnswer(text: string, scope: Record<string, unknown>): unknown {
  const program = parseCel(text);
  // A bare path is no closure of this kind: `compileExpression` reads it without conversions.
  if (!program.check().valid || pathOf(program.ast)) return UNDECIDED;
  const answer = compileSimple(program.ast)?.(scope) ?? UNDECIDED;
  return answer === FAILED ? ERROR : answer;
}

const literal = fc.oneof(
  fc.constantFrom('0', '1', '2', '200', '1.0', '0.5', '-1.5', '9007199254740993'),
  fc.constantFrom('""', '"a"', '"ab"', '"é😀"', '"200"'),
  fc.constantFrom('true', 'false', 'null'),
);
const path = fc.constantFrom(
  ...'a b c d missing a.x a.y b.x a[0] b[1] a.x[0] a["x"] a.x.y a.constructor a.length m.k'.split(
    ' ',
  ),
);
const { expression } = fc.letrec<{ operand: string; expression: string }>((tie) => ({
  operand: fc.oneof(
    literal,
    path,
    path.map((read) => `${read}.size()`),
    path.map((read) => `size(${read})`),
    path,
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(tie('operand'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('operand'))
      .map((parts) => parts.join(' ')),
    fc
      .tuple(tie('operand'), fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([left, list]) => `${left} in [${list.join(', ')}]`),
    tie('operand'),
    tie('expression').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
  ),
}));

const json = fc.oneof(
  fc.constantFrom<unknown>(0, -0, 1, 2, 200, 0.5, 1.5, 2 ** 53, null, true, false),
  fc.constantFrom<unknown>('', 'a', 'ab', 'é😀', '200'),
);
const leaf = fc.oneof(
  json,
  fc.constantFrom<unknown>(NaN, 1n, undefined),
  fc.constantFrom<unknown>(new Map([['x', 1]]), new Date(0), new Uint8Array(1)),
  fc.constantFrom<unknown>(new Float32Array(2)),
);
// Inside a list only what JSON can hold: the library refuses to ask a list for its size when its
// first element is of a type it does not know, and the closures do not look.
const list = fc.array(json, { maxLength: 2 });
const value = fc.oneof(
  leaf,
  list,
  fc.record({ x: leaf, y: leaf }, { requiredKeys: [] }),
  fc.record({ x: fc.oneof(list, fc.record({ y: leaf })) }),
);
const scope = fc
  .record({ a: value, b: value, c: value, d: value, m: fc.constant(new Map([['k', 1]])) })
  .map((roots): Record<string, unknown> => roots);

test('closures answer as the library does, wherever they decide', () => {
  let decided = 0;
  let failed = 0;
  fc.assert(
    fc.property(expression, scope, (text, roots) => {
      const answer = closureAnswer(text, roots);
      if (answer === UNDECIDED) return;
      decided++;
      if (answer === ERROR) failed++;
      assert.deepEqual(answer, libraryAnswer(text, roots), text);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(decided > 5_000, `only ${decided} of 20,000 were decided by closures`);
  assert.ok(failed > 500, `only ${failed} of 20,000 read what is missing`);
});

test('test() is true exactly where the library says true', () => {
  fc.assert(
    fc.property(expression, scope, (text, roots) => {
      const program = parseCel(text);
      fc.pre(program.check().valid);
      const compiled = compileExpression(text, { roots: 'any' });
      assert.equal(compiled.test(roots), libraryAnswer(text, roots) === true, text);
    }),
    { numRuns: 5_000 },
  );
});

test('the expectations of the shipped scenarios are closures, not library calls', () => {
  for (const text of [
    'status == 200',
    'json.embeddings[0].size() == 384',
    'json.embeddings.size() == 1',
    'status == 200 && json.embeddings[0].size() == 384',
    "code == 'OK'",
    'status in [200, 201]',
  ]) {
    const program = parseCel(text);
    assert.equal(program.check().valid, true);
    assert.ok(compileSimple(program.ast), text);
  }
});

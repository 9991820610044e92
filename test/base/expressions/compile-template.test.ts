import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compileJsonTemplate,
  compileTemplate,
  compileValue,
} from '../../../src/base/expressions/compile-template.ts';
import { ExpressionError } from '../../../src/base/expressions/expression-error.ts';
import type { Scope, TemplateContext } from '../../../src/base/expressions/template.ts';

const OPEN = { roots: 'any' } as const;
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
const jsonValue = fc.jsonValue({ maxDepth: 4 });

function render(text: string, context: TemplateContext, scope: Scope): string {
  return compileTemplate(text, context, OPEN).render(scope);
}

test('a text without placeholders is a constant', () => {
  const template = compileTemplate('/embed', 'url-path', OPEN);
  assert.equal(template.constant, '/embed');
  assert.equal(template.render({}), '/embed');
  assert.deepEqual(template.statics, ['/embed']);
  assert.deepEqual(template.dynamics, []);
});

test('statics and dynamics alternate, and joined they are what render gives', () => {
  const template = compileTemplate('a{{ r.x }}b{{ r.y }}', 'text', OPEN);
  assert.deepEqual(template.statics, ['a', 'b', '']);
  assert.equal(template.constant, undefined);
  assert.deepEqual([...template.reads], ['r']);
  const scope = { r: { x: 1, y: 'two' } };
  const parts = template.dynamics.map((dynamic) => dynamic(scope));
  assert.deepEqual(parts, ['1', 'two']);
  assert.equal(template.render(scope), 'a1btwo');
  assert.equal(compileTemplate('{{ r.x }}', 'text', OPEN).render(scope), '1');
});

test('any text inside a JSON string survives JSON.parse', () => {
  fc.assert(
    fc.property(anyText, anyText, (value, around) => {
      fc.pre(!around.includes('{{') && !around.includes('{') && !around.includes('}'));
      const rendered = compileJsonTemplate([`${around}{{ r.x }}${around}`], OPEN).render({
        r: { x: value },
      });
      assert.deepEqual(JSON.parse(rendered), [around + value + around]);
      const inside = render('{{ r.x }}', 'json-string', { r: { x: value } });
      assert.equal(JSON.parse(`"${inside}"`), value);
    }),
  );
});

test('a JSON text that is one placeholder keeps the type of its value', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      fc.pre(!JSON.stringify(value).includes('{{'));
      const template = compileJsonTemplate({ input: '{{ r.x }}', same: value }, OPEN);
      // JSON has no -0: what is compared is what JSON.stringify would have sent.
      const expected: unknown = JSON.parse(JSON.stringify({ input: value, same: value }));
      assert.deepEqual(JSON.parse(template.render({ r: { x: value } })), expected);
    }),
  );
});

test('JSON of a value is what JSON.stringify makes of it', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const rendered = compileJsonTemplate('{{ r }}', OPEN).render({ r: value });
      assert.equal(rendered, JSON.stringify(value));
    }),
  );
  const vector = new Float32Array([0.5, 2]);
  assert.equal(compileJsonTemplate('{{ r }}', OPEN).render({ r: vector }), '[0.5,2]');
  assert.equal(compileJsonTemplate('{{ r }}', OPEN).render({ r: [2n ** 60n] }), `[${2n ** 60n}]`);
  assert.equal(compileJsonTemplate('{{ r }}', OPEN).render({ r: { a: undefined } }), '{}');
});

test('a value in a URL is what decodeURIComponent makes of it, and adds no part', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      fc.pre(value.isWellFormed());
      for (const context of ['url-path', 'url-query'] as const) {
        const rendered = render('/a/{{ r.x }}', context, { r: { x: value } });
        assert.equal(decodeURIComponent(rendered.slice(3)), value);
        assert.doesNotMatch(rendered.slice(3), /[/?#&=+\s]/);
      }
    }),
  );
});

test('a header refuses every character that HTTP does not allow in one', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const allowed = Array.from(value).every((character) => {
        const code = character.codePointAt(0)!;
        return code === 9 || (code >= 32 && code <= 255 && code !== 127);
      });
      const scope = { r: { x: value } };
      if (allowed) assert.equal(render('a{{ r.x }}', 'header', scope), `a${value}`);
      else assert.throws(() => render('a{{ r.x }}', 'header', scope), ExpressionError);
    }),
  );
  assert.throws(() => render('{{ r }}', 'header', { r: 'a\r\nb: c' }), /takes no line break/);
  assert.throws(() => compileTemplate('a\nb', 'header', OPEN), /takes no line break/);
});

test('numbers, booleans, lists and dates have one textual form; null, bytes and NaN have none', () => {
  const textOf = (value: unknown) => render('<{{ r.x }}>', 'text', { r: { x: value } });
  assert.equal(textOf(1.5), '<1.5>');
  assert.equal(textOf(true), '<true>');
  assert.equal(textOf(2n ** 60n), `<${2n ** 60n}>`);
  assert.equal(textOf([1, 'a']), '<[1,"a"]>');
  assert.equal(textOf(new Date(0)), '<1970-01-01T00:00:00.000Z>');
  for (const value of [null, NaN, Infinity, new Uint8Array([1]), [NaN], [new Uint8Array(1)]]) {
    assert.throws(() => textOf(value), ExpressionError);
  }
  const json = compileJsonTemplate('{{ r.x }}', OPEN);
  assert.equal(json.render({ r: { x: null } }), 'null');
  assert.throws(() => json.render({ r: { x: [1, NaN] } }), /r\.x: the value is NaN/);
});

test('a value keeps its type only where the text is one placeholder and nothing else', () => {
  const list = [1, 2];
  const bytes = new Uint8Array([1]);
  assert.equal(compileValue('{{ r.x }}', OPEN)({ r: { x: list } }), list);
  assert.equal(compileValue('  {{ r.x }}', OPEN)({ r: { x: 3 } }), '  3');
  assert.equal(compileValue('{{r.x}}', OPEN)({ r: { x: bytes } }), bytes);
  assert.equal(compileValue('{{ r.x * 2 }}', OPEN)({ r: { x: 3 } }), 6);
  assert.equal(compileValue('plain', OPEN)({}), 'plain');
  assert.deepEqual([...compileValue('{{ r.x }}', OPEN).reads], ['r']);
});

test('a row that lacks a field fails with the template and the field', () => {
  const template = compileTemplate('q={{ rows.line }}', 'text', OPEN);
  assert.throws(
    () => template.render({ rows: {} }),
    (error) =>
      error instanceof ExpressionError &&
      error.text === 'q={{ rows.line }}' &&
      error.message === 'rows.line is missing' &&
      error.offset === 5,
  );
  const nested = compileJsonTemplate({ a: ['{{ rows.line.size() + rows.nope }}'] }, OPEN);
  assert.throws(() => nested.render({ rows: { line: 'x' } }), /nope/);
});

test('braces and quotes inside an expression do not end it', () => {
  const scope = { r: { x: 1 } };
  assert.equal(render('{{ {"a": {"b": r.x}}.a.b }}!', 'text', scope), '1!');
  assert.equal(render('{{ "}}" + \'"}}\' }}', 'text', scope), '}}"}}');
  assert.equal(render('{{ "\\"}}" }}', 'text', scope), '"}}');
  assert.equal(render('a}} {b} {{ "{{" }}', 'text', scope), 'a}} {b} {{');
});

test('a template that is none is refused with its place', () => {
  const problem = (text: string) => {
    try {
      compileTemplate(text, 'text', { roots: { rows: { line: 'any' } } });
    } catch (error) {
      assert.ok(error instanceof ExpressionError);
      return { message: error.message, offset: error.offset, text: error.text };
    }
    return assert.fail('it was accepted');
  };
  assert.deepEqual(problem('ab {{ rows.line'), {
    message: '"{{" without its "}}"',
    offset: 3,
    text: 'ab {{ rows.line',
  });
  assert.equal(problem('ab {{  }}').message, '"{{ }}" is empty');
  const unknown = problem('ab {{ rows.lin }}');
  assert.match(unknown.message, /did you mean "line"/);
  assert.deepEqual([unknown.offset, unknown.text], [11, 'ab {{ rows.lin }}']);
  assert.equal(problem('{{ 1 + }}').offset, 6);
});

test('what reads only constants is computed while compiling', () => {
  const environment = { roots: 'any', constants: { params: { k: 2 } } } as const;
  const template = compileTemplate('{{ params.k * 2 }}-{{ 1 + 1 }}', 'text', environment);
  assert.equal(template.constant, '4-2');
  const mixed = compileJsonTemplate({ k: '{{ params.k }}', x: '{{ r.x }}' }, environment);
  assert.deepEqual(mixed.statics, ['{"k":2,"x":', '}']);
});

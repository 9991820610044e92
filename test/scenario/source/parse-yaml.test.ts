import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { MAX_SOURCE_VALUES, parseYaml } from '../../../src/scenario/source/parse-yaml.ts';
import {
  formatPath,
  nodeAt,
  placeAt,
  scalarsBelow,
  toValue,
} from '../../../src/scenario/source/source-node.ts';

const SCENARIO = `# a comment
version: 1
load: { executor: constant-vus, vus: 4 }
steps:
  - name: embed
    request:
      path: /embed
  - name: health
    request: { path: /health }
`;

function problemsOf(text: string): string[] {
  return parseYaml(text).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

test('every value and every key knows where it stands', () => {
  const root = parseYaml(SCENARIO).root!;
  const lines = SCENARIO.split('\n');
  for (const { path, scalar } of scalarsBelow(root)) {
    const { line, column } = scalar.place;
    const written = lines[line - 1]!.slice(column - 1);
    assert.ok(written.startsWith(String(scalar.value)), `${path.join('.')} at ${line}:${column}`);
  }
  assert.deepEqual(placeAt(root, ['load', 'vus']), { line: 3, column: 38 });
  assert.deepEqual(placeAt(root, ['load', 'vus'], true), { line: 3, column: 33 });
});

test('something missing is reported at the key of the map that lacks it', () => {
  const root = parseYaml(SCENARIO).root!;
  assert.deepEqual(placeAt(root, ['steps', 1, 'request', 'method']), { line: 9, column: 5 });
  assert.deepEqual(placeAt(root, ['targets']), { line: 2, column: 1 });
});

test('paths name list items by their name, and by number where they have none', () => {
  const root = parseYaml('steps: [{ name: a, x: [1, 2] }, { x: 1 }]').root!;
  assert.equal(formatPath(root, ['steps', 0, 'x', 1]), 'steps.a.x[1]');
  assert.equal(formatPath(root, ['steps', 1, 'x']), 'steps[1].x');
});

test('an unquoted {{ gives the hint to quote it, in every place YAML allows it', () => {
  const texts = [
    'a: {{ params.x }}',
    'a: {{ params.x }} and more',
    'a: [{{ params.x }}, 128]',
    'a: { b: hello {{ queries.text }} }',
    '- {{ x }}',
    'a: "{{ x }}"\nb: {{y}}',
    'a: x {{ b: c }}',
  ];
  for (const text of texts) {
    const [problem, ...more] = parseYaml(text).problems;
    assert.deepEqual(more, [], text);
    assert.match(problem!.message, /an unquoted \{\{/, text);
    assert.match(problem!.hint!, /quotes/);
    assert.equal(problem!.line, text.split('\n').length);
  }
});

test('a {{ that stands in quotes, in a block or in a comment is no problem', () => {
  for (const text of ['a: "{{ x }}"', "a: '{{ x }}'", 'a: |\n  {{ x }}', 'a: x {{ y }} # {{']) {
    assert.deepEqual(problemsOf(text), [], text);
  }
});

test('duplicate keys, tabs, tags and second documents are named where they stand', () => {
  assert.deepEqual(problemsOf('a: 1\nb: 2\na: 3'), ['3:1 this key stands here twice']);
  assert.deepEqual(problemsOf('a:\n\tb: 1'), ['2:1 a tab as indentation']);
  assert.deepEqual(problemsOf('a: !env HOME'), ['1:4 a YAML tag (!…); scenarios have none']);
  assert.deepEqual(problemsOf('a: 1\n---\nb: 2'), [
    '2:1 a second YAML document; a scenario file holds one',
  ]);
  assert.match(problemsOf('%YAML 1.1\n---\na: yes')[0]!, /expected YAML 1\.2/);
});

test('aliases are written out, and an alias bomb is refused before it goes off', () => {
  const plain = parseYaml('a: &x { b: 1 }\nc: *x');
  assert.deepEqual(toValue(plain.root!), { a: { b: 1 }, c: { b: 1 } });
  const levels = Array.from({ length: 30 }, (_, level) =>
    level === 0 ? 'l0: &l0 [x, x]' : `l${level}: &l${level} [*l${level - 1}, *l${level - 1}]`,
  );
  const bomb = parseYaml(levels.join('\n'));
  assert.equal(bomb.root, undefined);
  assert.match(bomb.problems[0]!.message, new RegExp(`more than ${MAX_SOURCE_VALUES} values`));
});

test('an alias in its own anchor, one without an anchor and endless nesting are problems', () => {
  assert.deepEqual(problemsOf('a: &a [*a]'), ['1:8 an alias inside its own anchor']);
  assert.deepEqual(problemsOf('a: *b'), ['1:4 the alias *b has no anchor above it']);
  assert.match(problemsOf('- '.repeat(80) + 'x')[0]!, /nested too deeply/);
  assert.match(problemsOf('['.repeat(20_000))[0]!, /nested too deeply/);
});

test('keys that would alter JavaScript objects are refused', () => {
  assert.deepEqual(problemsOf('__proto__: { polluted: true }'), [
    '1:1 the key __proto__ cannot be used',
  ]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('whatever JSON says is read as JSON reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      if (/"__proto__"/.test(text)) return;
      const { root, problems } = parseYaml(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(JSON.stringify(toValue(root!)), JSON.stringify(parse(text)));
    }),
    { numRuns: 300 },
  );
});

test('no text at all crashes the reader', () => {
  const marks = [
    ': ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a ',
    '"',
    "'",
    '#',
    '|',
    '>',
    '!x ',
  ];
  const words = [
    '{{',
    'a',
    'b',
    '1',
    '  ',
    '\t',
    '---',
    '${X}',
    '? ',
    '\u0000',
    '\r',
    '%',
    '@',
    '<<',
  ];
  const piece = fc.constantFrom(...marks, ...words);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { root, problems } = parseYaml(pieces.join(''));
      if (root !== undefined) toValue(root);
      for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1);
    }),
    { numRuns: 1000 },
  );
});

test('a path below something that has no such child leads to nothing', () => {
  const root = parseYaml(SCENARIO).root!;
  assert.equal(nodeAt(root, ['steps', 7, 'name']), undefined);
  assert.equal(nodeAt(root, ['version', 'x']), undefined);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { formatProblem } from '../../src/scenario/problem.ts';
import type { ScenarioReading } from '../../src/scenario/resolve-scenario.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios');

/** Without the tokenizer, whose reading would make up nearly all of the time of this test. */
function shipped(name: string): string {
  const text = readFileSync(join(SCENARIOS, `${name}.yaml`), 'utf8');
  return text.replace(/^\s*tokenizer:.*\n/m, '');
}

const TEXTS = ['smoke', 'open_loop', 'sweep', 'high_concurrency'].map(shipped);

/** Whatever a person or a machine may write where something else belongs. */
const STRANGE: readonly unknown[] = (
  [
    [null, true, false, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 1, '', ' ', '5', '10s', '-3s'],
    ['{{', '{{ }}', '{{ params.nope }}', '{{ queries.text', '${', '${NOPE}', '${NOPE:-7}', '$${x}'],
    ['../../etc/passwd', '/dev/zero', 'a\u0000b', '\u001b[2J', 'constructor', '__proto__', '💥'],
    [[], {}, [[]], { a: { b: [1] } }, [null], ['x', { name: 'embed' }], 'x'.repeat(2000)],
  ] as unknown[][]
).flat();
const KEYS = [
  'nmae',
  'vus',
  'to',
  'name',
  'load',
  'constructor',
  'a.b',
  '',
  '0',
  'executor',
  'null',
];

type Place = {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
};

/** Every place in a JSON tree where a value stands. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const holder = value as Record<string | number, unknown>;
  return keys.flatMap((key) => [{ holder, key } as Place, ...placesIn(holder[key])]);
}

interface Mutation {
  readonly kind: 'replace' | 'remove' | 'rename' | 'add' | 'repeat' | 'swap';
  readonly at: number;
  readonly other: number;
  readonly value: unknown;
  readonly key: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'rename', 'add', 'repeat', 'swap'),
  at: fc.nat(10_000),
  other: fc.nat(10_000),
  value: fc.oneof(fc.constantFrom(...STRANGE), fc.jsonValue({ maxDepth: 2 })),
  key: fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 12 })),
});

function apply(root: unknown, { kind, at, other, value, key }: Mutation): void {
  const places = placesIn(root);
  if (places.length === 0) return;
  const place = places[at % places.length]!;
  const second = places[other % places.length]!;
  const holder = place.holder as Record<string | number, unknown>;
  const found = holder[place.key];
  if (kind === 'replace') holder[place.key] = structuredClone(value);
  else if (kind === 'add')
    holder[Array.isArray(holder) ? holder.length : key] = structuredClone(value);
  else if (kind === 'repeat' && Array.isArray(holder)) holder.push(structuredClone(found));
  else if (kind === 'swap') {
    holder[place.key] = structuredClone((second.holder as typeof holder)[second.key]);
  } else if (Array.isArray(holder)) holder.splice(Number(place.key), 1);
  else {
    delete holder[place.key];
    if (kind === 'rename') holder[key] = found;
  }
}

/** What a value looks like that was never meant to be printed. */
const LEAKED = /\[object |undefined|NaN|TypeError|\n\s+at /;

/** A clean end: problems that a person can use, or a scenario without errors. */
function assertClean({ scenario, problems }: ScenarioReading, text: string): void {
  const lines = text.split('\n').length;
  for (const problem of problems) {
    const printed = formatProblem(problem);
    assert.ok(problem.line >= 1 && problem.line <= lines + 1 && problem.column >= 1, printed);
    assert.ok(problem.message.length > 0 && printed.length < 3000, printed);
    assert.doesNotMatch(printed, LEAKED, printed);
  }
  const isBroken = problems.some(({ severity }) => severity === 'error');
  assert.equal(scenario === undefined, isBroken, text);
}

test('a thousand mutations of scenarios end in problems or in a scenario, never in a crash', async (t) => {
  const folder = new ScenarioFolder(t);
  let broken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TEXTS),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (text, mutations) => {
        const value: unknown = parse(text);
        for (const one of mutations) apply(value, one);
        const written = JSON.stringify(value, null, 1);
        const reading = await folder.check(written);
        assertClean(reading, written);
        if (reading.scenario === undefined) broken++;
      },
    ),
    { numRuns: 1000 },
  );
  assert.ok(broken > 500, `only ${broken} of the mutations did any harm`);
});

test('texts with characters and lines out of place end the same way', async (t) => {
  const folder = new ScenarioFolder(t);
  const noise = fc.constantFrom(
    ...'{}[]:,-#&*!|>\'"%@`\t\n \\$'.split(''),
    '{{ x }}',
    '- ',
    '\u0000',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TEXTS),
      fc.array(fc.tuple(fc.nat(5000), fc.nat(20), noise), { minLength: 1, maxLength: 3 }),
      async (text, edits) => {
        let written = text;
        for (const [at, removed, inserted] of edits) {
          const start = at % written.length;
          written = written.slice(0, start) + inserted + written.slice(start + removed);
        }
        assertClean(await folder.check(written), written);
      },
    ),
    { numRuns: 500 },
  );
});

test('settings on the command line end the same way', async (t) => {
  const folder = new ScenarioFolder(t);
  const text = shipped('sweep');
  const paths = placesIn(parse(text)).map(({ key }) => String(key));
  const part = fc.oneof(fc.constantFrom(...paths, ...KEYS), fc.string({ maxLength: 5 }));
  const path = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.'));
  const value = fc.oneof(
    fc.constantFrom(...STRANGE).map((v) => JSON.stringify(v)),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(path, value).map((pair) => pair.join('=')),
        { maxLength: 3 },
      ),
      fc.array(fc.string(), { maxLength: 1 }),
      fc.array(fc.string(), { maxLength: 1 }),
      async (set, targets, profiles) => {
        // Somebody who writes such a word is shown it again.
        fc.pre(![...set, ...targets, ...profiles].some((written) => LEAKED.test(written)));
        assertClean(await folder.check(text, { set, targets, profiles }), text);
      },
    ),
    { numRuns: 300 },
  );
});

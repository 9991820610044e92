import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import {
  dataFields,
  dataSchema,
  feederSchema,
  type FeederSpec,
} from '../../src/data/feeder-schema.ts';

function problems(feeder: unknown): string[] {
  const result = feederSchema.safeParse(feeder);
  return (result.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

test('a file, inline rows and a generator become plain specifications', () => {
  const expected: [unknown, FeederSpec][] = [
    [
      { file: 'data/queries.txt', pick: 'shuffle' },
      { source: { kind: 'lines', file: 'data/queries.txt' }, skip: 0, batch: 1, pick: 'shuffle' },
    ],
    [
      { inline: [{ text: 'a' }, { text: 'b', n: 1 }], rows: 1, skip: 1, per: 'iteration' },
      {
        source: { kind: 'inline', rows: [{ text: 'a' }, { text: 'b', n: 1 }] },
        rows: 1,
        skip: 1,
        batch: 1,
        pick: 'sequential',
      },
    ],
    [
      { generate: 'text', tokens: 128, tokenizer: 'tokenizer.json', batch: 4 },
      {
        source: { kind: 'text', tokens: 128, tokenizer: 'tokenizer.json' },
        rows: 1000,
        skip: 0,
        batch: 4,
        pick: 'sequential',
      },
    ],
  ];
  for (const [written, spec] of expected) {
    assert.deepEqual(feederSchema.parse(written), spec);
    assert.deepEqual(structuredClone(feederSchema.parse(written)), spec);
  }
});

test('a feeder has exactly one source, and no keys of another', () => {
  assert.match(
    problems({ pick: 'shuffle' })[0]!,
    /exactly one of file, files, inline and generate/,
  );
  assert.match(problems({ file: 'a', generate: 'text', tokens: 3 })[0]!, /file and generate/);
  assert.deepEqual(problems({ file: 'a.txt', tokens: 3, tokenizer: 'x' }), [
    'tokens: means something beside `generate` only',
    'tokenizer: means something beside `generate` only',
  ]);
  assert.match(problems({ inline: [{ a: 1 }], format: 'lines' })[0]!, /^format: /);
  assert.match(problems({ generate: 'text' })[0]!, /^tokens: is needed/);
});

test('unknown keys, wrong words and numbers out of range are refused', () => {
  assert.match(problems({ file: 'a', picks: 'shuffle' })[0]!, /picks/);
  for (const feeder of [
    { file: 'a', pick: 'zipfian' },
    { file: 'a', per: 'flow' },
    { files: '*.wav', sidecar: { text: '../secret' } },
    { file: 'a', sidecar: { text: '.txt' } },
    { file: 'a', batch: 2, per: 'vu' },
    { file: 'a', batch: 0 },
    { file: 'a', rows: 0 },
    { file: 'a', skip: -1 },
    { file: '' },
    { inline: [] },
    { inline: [{ 'no-name': 1 }] },
    { inline: [{ int: 1 }] },
    { generate: 'text', tokens: 1.5 },
    { generate: 'text', tokens: 5, salt: true },
    { generate: 'values' },
    { generate: 'values', fields: {} },
    { generate: 'values', fields: { a: { uniform: [1, 2], zipf: [1, 2] } } },
    { generate: 'values', fields: { a: { exponential: 3, permute: true } } },
    { generate: 'values', fields: { a: { sequence: 1, integer: true } } },
    { generate: 'values', fields: { a: 1 }, pick: 'shuffle' },
    { generate: 'tokenIds', tokens: 5 },
    { generate: 'prompts', tokens: 5, salt: true, prefix: { groups: 1, tokens: 3 } },
    { generate: 'prompts', tokens: { from: 'a.b', uniform: [1, 2] } },
    { generate: 'vectors' },
    { generate: 'vectors', dimension: 3, shape: 'round' },
    { inline: [{ a: 1 }], dimension: 3 },
    { generate: 'text', tokens: '{{ params.tokens }}' },
  ]) {
    assert.notDeepEqual(problems(feeder), [], JSON.stringify(feeder));
  }
});

test('what a generator would keep in memory is limited, and the limit is named', () => {
  assert.deepEqual(problems({ generate: 'text', tokens: 100_000 }), [
    'rows: at most 200 rows of 100000 tokens can be made',
  ]);
  assert.match(problems({ generate: 'text', tokens: 1, rows: 1_000_001 })[0]!, /1000000 texts/);
});

test('the fields of rows are known without opening anything', () => {
  const fields = (feeder: unknown) => dataFields(feederSchema.parse(feeder));
  assert.deepEqual(fields({ file: 'nowhere.txt' }), ['line']);
  assert.deepEqual(fields({ generate: 'text', tokens: 3 }), ['text', 'tokens']);
  assert.deepEqual(fields({ inline: [{ a: 1 }, { b: 2, a: 3 }] }), ['a', 'b']);
});

test('feeders have names that expressions can say', () => {
  const feeder = { file: 'a' };
  assert.equal(dataSchema.safeParse({ queries: feeder }).success, true);
  for (const name of ['my-rows', '1st', 'list', 'for', 'true', 'cel', 'params', 'vu']) {
    assert.equal(dataSchema.safeParse({ [name]: feeder }).success, false, name);
  }
});

test('every key of a feeder is described', () => {
  const schema = z.toJSONSchema(feederSchema, { io: 'input' });
  const { properties } = schema as { properties: Record<string, { description?: string }> };
  assert.deepEqual(Object.keys(properties).toSorted(), [
    'batch',
    'blocks',
    'dimension',
    'fields',
    'file',
    'files',
    'firstId',
    'format',
    'generate',
    'inline',
    'metric',
    'outputTokens',
    'per',
    'pick',
    'prefix',
    'rows',
    'salt',
    'shape',
    'sidecar',
    'skip',
    'table',
    'tokenizer',
    'tokens',
    'truth',
    'vocabulary',
    'where',
  ]);
  for (const [key, { description }] of Object.entries(properties)) assert.ok(description, key);
});

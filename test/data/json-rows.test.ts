import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

async function open(context: TestContext, text: string, keys: object = {}): Promise<Feeder> {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-jsonl-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rows.jsonl'), text);
  const spec = feederSchema.parse({ file: 'rows.jsonl', ...keys });
  return openFeeder('rows', spec, { seed: 1, baseFolder: folder });
}

test('each line is a row, with the values that JSON gives it', async (t) => {
  const rows = [
    { a: 1, b: { c: [1, 'é'] } },
    { a: null, d: true },
  ];
  const feeder = await open(t, `${rows.map((row) => JSON.stringify(row)).join('\n\n')}\r\n`);
  assert.deepEqual([feeder.row(0), feeder.row(1)], rows);
  assert.deepEqual(feeder.fields, ['a', 'b', 'd']);
});

test('rows of a large file are read again and again, and are what the lines say', async (t) => {
  const line = (n: number) => JSON.stringify({ n, text: `${'long '.repeat(10)}${n}` });
  const feeder = await open(t, Array.from({ length: 150_000 }, (_, n) => line(n)).join('\n'));
  for (const n of [0, 77_777, 149_999]) assert.deepEqual(feeder.row(n), JSON.parse(line(n)));
  assert.deepEqual(feeder.row(150_000), JSON.parse(line(0)));
});

test('a line that is no JSON object is named, in small files and large ones', async (t) => {
  const reject = (text: string, reason: RegExp) =>
    assert.rejects(open(t, text), ({ message }: Error) => reason.test(message));
  await reject('{"a":1}\n[1]\n', /rows\.jsonl:2: a row is a JSON object/);
  await reject('{"a":1}\n\n{a}\n', /rows\.jsonl:3: this line is no JSON/);
  await reject('null', /a row is a JSON object/);
  const large = '{"a":"0123456789012345678901234567890123456789"}\n'.repeat(200_000);
  await reject(`${large}{"a"`, /rows\.jsonl:200001: this line is no JSON/);
});

async function openList(context: TestContext, text: string, keys: object = {}): Promise<Feeder> {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-json-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rows.json'), text);
  const spec = feederSchema.parse({ file: 'rows.json', ...keys });
  return openFeeder('rows', spec, { seed: 1, baseFolder: folder });
}

test('a file that ends in .json is one list, each object of it a row', async (t) => {
  const rows = [{ id: 'x', turns: [{ from: 'human', value: 'é' }] }, { n: 2 }, { n: 3 }];
  const feeder = await openList(t, `\ufeff${JSON.stringify(rows, undefined, 2)}`);
  assert.equal(feeder.rowCount, 3);
  assert.deepEqual([feeder.row(0), feeder.row(1)], rows.slice(0, 2));
  assert.deepEqual(feeder.fields, ['id', 'turns', 'n']);
  const part = await openList(t, JSON.stringify(rows), { skip: 1, rows: 1 });
  assert.deepEqual([part.rowCount, part.row(0)], [1, { n: 2 }]);
});

test('JSON that is no list of objects is refused, and the row named', async (t) => {
  const reject = (text: string, reason: RegExp) =>
    assert.rejects(openList(t, text), ({ message }: Error) => reason.test(message));
  await reject('{"a":1}', /no JSON list of objects/);
  await reject('[{"a":1}, 2]', /rows\.json, row 2: a row is a JSON object/);
  await reject('[{"a":1}', /it is no JSON/);
  await reject('[]', /no rows/);
});

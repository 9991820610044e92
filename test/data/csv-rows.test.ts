import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

async function open(context: TestContext, text: string, keys: object = {}): Promise<Feeder> {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-csv-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rows.csv'), text);
  const spec = feederSchema.parse({ file: 'rows.csv', ...keys });
  return openFeeder('rows', spec, { seed: 1, baseFolder: folder });
}

function rowsOf(feeder: Feeder): unknown[] {
  return Array.from({ length: feeder.rowCount }, (_, index) => feeder.row(index));
}

async function refusal(context: TestContext, text: string): Promise<string> {
  const error: unknown = await open(context, text).then(
    () => assert.fail('it opened'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LoadgenError);
  return error.message;
}

test('records give the columns of the header, quotes, blanks and line ends as RFC 4180 has them', async (t) => {
  const feeder = await open(
    t,
    '\ufeffid,text,note\r\n1,"a, ""b""\nc", x \r\n\r\n2,naïve 東京,""\n3,,last',
  );
  assert.deepEqual(feeder.fields, ['id', 'text', 'note']);
  assert.deepEqual(rowsOf(feeder), [
    { id: 1, text: 'a, "b"\nc', note: ' x ' },
    { id: 2, text: 'naïve 東京', note: '' },
    { id: 3, text: '', note: 'last' },
  ]);
});

test('a column is of numbers where all its values are, and none of them stands in quotes', async (t) => {
  const feeder = await open(t, 'a,b,c,d,e\n1,007,"1",9007199254740993,\n-2.5e3,8,2,1,\n,9,3,2,\n');
  assert.deepEqual(rowsOf(feeder), [
    { a: 1, b: '007', c: '1', d: '9007199254740993', e: '' },
    { a: -2500, b: '8', c: '2', d: '1', e: '' },
    { a: null, b: '9', c: '3', d: '2', e: '' },
  ]);
});

test('what a writer of RFC 4180 wrote comes back, for any texts', async (t) => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '1') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }),
      async (rows) => {
        const quoted = rows.map((row) =>
          row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','),
        );
        const feeder = await open(t, ['a,b', ...quoted].join('\r\n'));
        assert.deepEqual(
          rowsOf(feeder),
          rows.map(([a, b]) => ({ a, b })),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a file too large to keep its values gives the same rows as a small one', async (t) => {
  const lines = Array.from({ length: 220_000 }, (_, n) => `${n},"text, ${n} of a larger é file"`);
  const feeder = await open(t, ['n,text', ...lines].join('\n'), { skip: 1 });
  assert.equal(feeder.rowCount, 219_999);
  assert.deepEqual(feeder.row(123), { n: 124, text: 'text, 124 of a larger é file' });
  assert.deepEqual(feeder.row(219_998), { n: 219_999, text: 'text, 219999 of a larger é file' });
});

test('a record that is none names its line and what is wrong with it', async (t) => {
  for (const [text, reason] of [
    ['a,b\n1,2\n3\n', /rows\.csv:3: expected 2 values as in the header, found 1/],
    ['a,b\n1,2\n\n"x\ny",2,3\n', /rows\.csv:4: expected 2 values as in the header, found 3/],
    ['a,b\n1,"2\n', /rows\.csv:2: a quote is never closed/],
    ['a,b\n1,"2"x\n', /rows\.csv:2: expected a comma after a quoted value, found x/],
    ['a,b\n1,2""\n', /a quote stands inside a value/],
    ['a,a\n', /two columns are called a/],
    ['a,\n1,2\n', /a column has no name/],
    ['a,__proto__\n1,2\n', /a column is called __proto__/],
  ] as const) {
    assert.match(await refusal(t, text), reason);
  }
  assert.match(await refusal(t, 'a,b\n'), /has no rows/);
});

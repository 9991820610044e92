import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { importFile, importText, refusalOf } from '../imported-scenario.ts';

const LIBRARY = join(import.meta.dirname, '../../fixtures/import/library.yaml');

/** A document of 3.0 with one operation. */
const small = (operation: object, more: object = {}): string =>
  JSON.stringify({ openapi: '3.0.3', paths: { '/x': { post: operation } }, ...more });

test('each operation is a step of its own, called after its id or its path', async () => {
  const { scenario, text } = await importFile('openapi', LIBRARY);
  assert.deepEqual(
    scenario.steps.map(({ name, request }) => `${name} ${request.method} ${request.path}`),
    [
      'listBooks GET /v2/books',
      'addBook POST /v2/books',
      'put_books_bookId PUT /v2/books/3fa85f64-5717-4562-b3fc-2c963f66afa6',
      'delete_books_bookId DELETE /v2/books/3fa85f64-5717-4562-b3fc-2c963f66afa6',
      'post_login POST /v2/login',
      'addCover POST /v2/covers',
      'addRaw POST /v2/raw',
    ],
  );
  for (const { onFail } of scenario.steps) assert.equal(onFail, 'continue');
  assert.equal(scenario.targets['api']!.url, '${API_URL:-http://library.example.org:8081}');
  assert.match(text, /TRACE \/books\/\{bookId\}: the method cannot be sent/);
  assert.match(text, /application\/octet-stream is not made/);
});

test('several examples of a body are rows, and required parameters are there', async () => {
  const { scenario } = await importFile('openapi', LIBRARY);
  const [list, add] = scenario.steps;
  assert.deepEqual(list!.request.query, { limit: '5', genre: 'crime' });
  assert.deepEqual(scenario.data!['addBook_rows']!.inline, [
    { title: 'Emma', pages: 300, authors_1_name: 'Jane' },
    { title: 'Ulysses', pages: 730, authors_1_name: 'James' },
  ]);
  assert.equal((add!.request.json as { title: string }).title, '{{ addBook_rows.title }}');
});

test('a body that is made up fits its schema, also one that holds itself', async () => {
  const { scenario } = await importFile('openapi', LIBRARY);
  const document = parse(readFileSync(LIBRARY, 'utf8')) as object;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'library');
  const fits = ajv.getSchema('library#/components/schemas/Book')!;
  const book = scenario.steps[2]!.request.json as { authors: { books: { authors: unknown }[] }[] };
  // Where a book holds itself again its list of authors ends, though two are asked for.
  for (const { books } of book.authors) {
    for (const inner of books) inner.authors = [{ name: 'a' }, { name: 'b' }];
  }
  assert.deepEqual([fits(book), fits.errors], [true, null]);
});

test('security schemes are headers and cookies out of the environment', async () => {
  const document = small(
    { security: [{ key: [], cookie: [], login: [], query: [] }], responses: {} },
    {
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
          query: { type: 'apiKey', in: 'query', name: 'k' },
          login: { type: 'http', scheme: 'basic' },
        },
      },
    },
  );
  const { scenario, environment } = await importText('openapi', document);
  const { request } = scenario.steps[0]!;
  assert.deepEqual(request.headers, {
    Cookie: 'sid=${API_SID}',
    'X-Api-Key': '${API_X_API_KEY}',
    Authorization: 'Basic ${API_BASIC}',
  });
  assert.deepEqual(request.query, { k: '${API_K}' });
  assert.ok('API_URL' in environment, 'a document without a server leaves its address open');
  assert.equal(scenario.targets['api']!.url, '${API_URL}');
});

test('forms and multipart bodies are made of their members, secrets left out', async () => {
  const { scenario, text } = await importFile('openapi', LIBRARY);
  assert.equal(scenario.steps[4]!.request.text, 'user=textxx&password=${API_PASSWORD}');
  assert.doesNotMatch(text, /letmein/);
  const cover = scenario.steps[5]!.request;
  assert.equal(cover.headers!['X-Trace'], 'abc');
  assert.match(cover.text!, /name="caption"\r\n\r\ntext\r\n/);
});

test('references that lead out, nowhere or in a circle are said and end', async () => {
  const body = (schema: object): object => ({
    requestBody: { content: { 'application/json': { schema } } },
  });
  const out = await importText('openapi', small(body({ $ref: 'other.yaml#/X' })));
  assert.match(out.said, /other\.yaml#\/X leads out of the document/);
  const nowhere = await importText('openapi', small(body({ $ref: '#/components/schemas/No' })));
  assert.match(nowhere.said, /leads nowhere/);
  const circle = { components: { schemas: { A: { $ref: '#/components/schemas/A' } } } };
  const round = small(body({ $ref: '#/components/schemas/A' }), circle);
  assert.match((await importText('openapi', round)).said, /back to itself/);
});

test('schemas that branch without end stay small', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `p${n}`);
  const level = (depth: number): object => ({
    type: 'object',
    properties: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/schemas/L${depth + 1}` }]),
    ),
  });
  const schemas = Object.fromEntries(
    Array.from({ length: 8 }, (_, depth) => [`L${depth}`, depth < 7 ? level(depth) : {}]),
  );
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } };
  const { text } = await importText(
    'openapi',
    small({ requestBody: { content } }, { components: { schemas } }),
  );
  assert.ok(text.length < 100_000, `${text.length} characters`);
});

test('broken, old and huge documents end in words that name what is wrong', async () => {
  assert.match(await refusalOf('openapi', 'a: [1, 2'), /neither JSON nor YAML: line \d/);
  assert.match(await refusalOf('openapi', '{"openapi": '), /neither JSON nor YAML/);
  assert.match(await refusalOf('openapi', 'swagger: "2.0"'), /Swagger 2\.0; convert it/);
  assert.match(await refusalOf('openapi', 'openapi: 4.0.0'), /OpenAPI 4\.0\.0; 3\.0 and 3\.1/);
  assert.match(await refusalOf('openapi', 'title: x'), /no key openapi/);
  assert.match(await refusalOf('openapi', 'openapi: 3.1.0'), /no operation that can be sent/);
  assert.match(await refusalOf('openapi', '[1]'), /is no map/);
  const large = `openapi: 3.1.0\n# ${'x'.repeat(10 * 2 ** 20)}`;
  assert.match(await refusalOf('openapi', large), /10\.0 MiB, and 10 MiB are read at most/);
  const bomb = `a: &a [x]\n${Array.from({ length: 9 }, (_, n) => `${'bcdefghij'[n]}: &${'bcdefghij'[n]} [${`*${'abcdefghi'[n]}, `.repeat(9)}x]`).join('\n')}`;
  assert.match(await refusalOf('openapi', bomb), /alias/i);
  assert.match(await refusalOf('openapi', '['.repeat(200_000)), /nested too deeply|neither JSON/);
});

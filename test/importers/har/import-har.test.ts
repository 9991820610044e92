import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFile, importText, refusalOf } from '../imported-scenario.ts';

const SHOP = join(import.meta.dirname, '../../fixtures/import/shop.har');

test('entries that differ in values are one step with a feeder of what differed', async () => {
  const { scenario } = await importFile('har', SHOP);
  const names = scenario.steps.map(({ name }) => name);
  assert.deepEqual(names, [
    'post_api_login',
    'get_api_search',
    'put_api_items_cart',
    'post_api_order',
    'get_pixel_gif',
  ]);
  assert.deepEqual(scenario.data, {
    get_api_search_rows: { inline: [{ q: 'red shoes' }, { q: 'café $${x}' }] },
    put_api_items_cart_rows: {
      inline: [
        { items_id: '17', count: 1, options_size: 'M', tags: ['a'] },
        { items_id: '18', count: 2, options_size: 'L', tags: ['a', 'b'] },
      ],
    },
  });
  const cart = scenario.steps[2]!.request;
  assert.equal(cart.path, '/api/items/{{ put_api_items_cart_rows.items_id }}/cart');
  assert.deepEqual(cart.json, {
    count: '{{ put_api_items_cart_rows.count }}',
    options: { size: '{{ put_api_items_cart_rows.options_size }}', gift: false },
    tags: '{{ put_api_items_cart_rows.tags }}',
  });
});

test('secrets of a capture are not written, those of answers neither', async () => {
  const { text, said } = await importFile('har', SHOP);
  for (const secret of ['s3cr3t', 'correct horse', 'AKEY-111', '4711']) {
    assert.ok(!text.includes(secret) && !said.includes(secret), secret);
  }
});

test('hosts are targets with the headers that all their requests share', async () => {
  const { scenario } = await importFile('har', SHOP);
  const { shop_example: shop, tracker_example: tracker } = scenario.targets;
  assert.deepEqual(shop!['headers'], {
    'X-Client': 'web 4.2',
    Cookie: '${SHOP_EXAMPLE_COOKIE}',
  });
  assert.equal(tracker!.url, '${TRACKER_EXAMPLE_URL:-http://tracker.example.net}');
});

test('a form in parts is sent as a form, and a bad status is expected again', async () => {
  const { scenario } = await importFile('har', SHOP);
  const { request, expect } = scenario.steps[3]!;
  assert.equal(request.text, 'street=1+Main+St+%26+Co&pin=${SHOP_EXAMPLE_PIN}');
  assert.deepEqual(request.headers, { 'Content-Type': 'application/x-www-form-urlencoded' });
  assert.deepEqual(expect, ['status == 422']);
});

test('--host and --path choose, and what was left out is counted', async () => {
  const args = ['--host', 'shop.example.com', '--path', '/api/search'];
  const { scenario, text } = await importFile('har', SHOP, args);
  assert.deepEqual(Object.keys(scenario.targets), ['api']);
  assert.deepEqual(
    scenario.steps.map(({ name }) => name),
    ['get_api_search'],
  );
  assert.match(text, /1 entry left out: they went to other hosts/);
  assert.match(text, /4 entries left out: they have other paths/);
  assert.match(text, /1 entry left out: data: is not HTTP/);
});

test('names and notes out of a file cannot end the comment that they stand in', async () => {
  const entry = { request: { method: 'EVIL\nversion: 2', url: 'http://h/x', headers: [] } };
  const fine = { request: { method: 'GET', url: 'http://h/', headers: [] } };
  const { text } = await importText('har', JSON.stringify({ log: { entries: [entry, fine] } }));
  assert.match(text, /# .*EVIL VERSION: 2 cannot be sent/);
});

test('broken and huge files end in words that name what is wrong and the limit', async () => {
  const har = (entries: unknown): string => JSON.stringify({ log: { entries } });
  const whole = readFileSync(SHOP, 'utf8');
  assert.match(await refusalOf('har', whole.slice(0, 4000)), /it is not JSON/);
  assert.match(await refusalOf('har', '{"openapi":"3.0.0"}'), /has no list log\.entries/);
  assert.match(await refusalOf('har', har([])), /no entry of it is a request/);
  const broken = har([{ request: { method: 'GET' } }]);
  assert.match(await refusalOf('har', broken), /log\.entries\.0\.request\.url is broken/);
  const entry = { request: { method: 'GET', url: 'http://h/', headers: [] } };
  const many = har(Array.from({ length: 10_001 }, () => entry));
  assert.match(await refusalOf('har', many), /10001 entries, and 10000 are read at most/);
  const paths = Array.from({ length: 31 }, (_, n) => ({
    request: { ...entry.request, url: `http://h/page${n}` },
  }));
  assert.match(await refusalOf('har', har(paths)), /31 different requests, and at most 30.*--path/);
  const large = ['a', 'b'].map((letter) => ({
    request: {
      ...entry.request,
      method: 'POST',
      postData: { mimeType: 'text/plain', text: letter.repeat(600 * 1024) },
    },
  }));
  assert.match(await refusalOf('har', har(large)), /would have 1\.2 MiB, and .* at most 1 MiB/);
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/run-loadgen.ts';
import { importText, refusalOf } from '../imported-scenario.ts';

/** As Chrome copies it, with what a session holds. */
const COPIED = String.raw`curl 'http://shop.example.com/api/orders?session_id=qwertzuiop' \
  -H 'Accept: application/json' \
  -H 'Accept-Language: en-GB,en;q=0.9' \
  -H 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF-123' \
  -H 'Content-Type: application/json' \
  -b 'sid=topsecretcookie' \
  -H 'X-CSRF-Token: csrf-12345' \
  --data-raw '{"user":"ada","password":"correct horse","max_tokens":5,"pin":4711,"note":"sk-live-abcdefghijklmnop1234"}' \
  --compressed --insecure --cookie-jar jar.txt --proxy http://proxy:3128 -o out.json`;

const SECRETS = [
  'qwertzuiop',
  'eyJ',
  'topsecretcookie',
  'csrf-12345',
  'correct horse',
  '4711',
  'sk-live',
];

test('no secret of a command stands in its scenario, and each has a variable', async () => {
  const { text, said, scenario, environment } = await importText('curl', COPIED);
  for (const secret of SECRETS) {
    assert.ok(!text.includes(secret), secret);
    assert.ok(!said.includes(secret), secret);
  }
  assert.deepEqual(Object.keys(environment).toSorted(), [
    'API_AUTHORIZATION',
    'API_COOKIE',
    'API_PASSWORD',
    'API_PIN',
    'API_SESSION_ID',
    'API_TOKEN',
    'API_X_CSRF_TOKEN',
  ]);
  const { request } = scenario.steps[0]!;
  assert.deepEqual(request, {
    method: 'POST',
    path: '/api/orders',
    query: { session_id: '${API_SESSION_ID}' },
    headers: {
      Accept: 'application/json',
      'Accept-Language': 'en-GB,en;q=0.9',
      Authorization: 'Bearer ${API_AUTHORIZATION}',
      'X-CSRF-Token': '${API_X_CSRF_TOKEN}',
      Cookie: '${API_COOKIE}',
    },
    json: {
      user: 'ada',
      password: '${API_PASSWORD}',
      max_tokens: 5,
      pin: '${API_PIN}',
      note: '${API_TOKEN}',
    },
  });
});

test('options that are not carried over stand in the scenario and on standard error', async () => {
  const { text, said } = await importText('curl', COPIED);
  for (const option of ['--cookie-jar', '--proxy', '-o']) {
    const note = new RegExp(`curl’s ${option}`);
    assert.match(said, note);
    assert.match(text, new RegExp(`^# .*${note.source}`, 'm'));
  }
  assert.ok(!text.includes('proxy:3128') && !said.includes('proxy:3128'), 'values may be secrets');
});

test('-k is tls.insecure where TLS can be set, and else said', async () => {
  const { text, scenario } = await importText('curl', 'curl -k https://a.example/x');
  const { tls } = scenario.targets['api']!;
  if (tls === undefined) assert.match(text, /curl’s -k: TLS cannot be set/);
  else assert.deepEqual(tls, { insecure: true });
});

test('user and password, in an option or in the URL, are one variable', async () => {
  for (const command of ['curl -u ada:secretpw http://h/x', 'curl http://ada:secretpw@h/x']) {
    const { text, scenario } = await importText('curl', command);
    assert.ok(!text.includes('secretpw'));
    assert.deepEqual(scenario.steps[0]!.request.headers, { Authorization: 'Basic ${API_BASIC}' });
    assert.equal(scenario.targets['api']!.url, '${API_URL:-http://h}');
  }
});

test('a URL that a shell variable begins is a target that the environment gives', async () => {
  const { scenario } = await importText('curl', 'curl "$API_URL/embed" -d a=1');
  assert.equal(scenario.targets['api']!.url, '${API_URL}');
  assert.equal(scenario.steps[0]!.request.path, '/embed');
});

test('hosts are targets, and steps are called after what they ask for', async () => {
  const commands =
    'curl http://a.example/v1/items; curl http://b.example/v1/items; curl http://a.example/';
  const { scenario } = await importText('curl', commands);
  assert.deepEqual(
    scenario.steps.map(({ name, target }) => `${target} ${name}`),
    ['a_example get_v1_items', 'b_example get_v1_items_2', 'a_example get'],
  );
});

test('a file that is no text or too large is left out and named', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'image.png'), Buffer.from([0x89, 0x50, 0xff, 0xfe]));
  writeFileSync(join(folder, 'large.txt'), 'x'.repeat(257 * 1024));
  const image = await importText('curl', `curl http://h/ --data-binary @${folder}/image.png`);
  assert.match(image.text, /image\.png is not text and was left out/);
  const large = await importText('curl', `curl http://h/ --data-binary @${folder}/large.txt`);
  assert.match(large.text, /large\.txt is larger than 256 KiB and was left out/);
});

test('what is no curl command, or not HTTP, is refused with the reason', async () => {
  assert.match(await refusalOf('curl', 'wget http://h/'), /there is no curl command in it/);
  assert.match(await refusalOf('curl', 'Invoke-WebRequest -Uri "http://h"'), /copy it as cURL/);
  assert.match(await refusalOf('curl', 'curl -s'), /has no URL/);
  assert.match(await refusalOf('curl', 'curl ftp://h/x'), /ftp:\/\/ is not HTTP/);
  assert.match(await refusalOf('curl', 'curl -X BREW http://h/'), /method BREW cannot be sent/);
  assert.match(
    await refusalOf('curl', 'curl http://h/ -d @/nowhere/x'),
    /cannot be read \(ENOENT\)/,
  );
  assert.match(await refusalOf('curl', 'curl http://h/ -d'), /-d stands without its value/);
  const many = Array.from({ length: 31 }, (_, n) => `curl http://h/${n}`).join('\n');
  assert.match(await refusalOf('curl', many), /31 different requests, and at most 30/);
});

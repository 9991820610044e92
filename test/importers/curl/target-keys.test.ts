import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importCurl } from '../../../src/importers/curl/import-curl.ts';
import type { HttpWords } from '../../../src/importers/draft.ts';
import { importHar } from '../../../src/importers/har/import-har.ts';

const FEW: HttpWords = {
  schemes: ['http'],
  requestKeys: ['json', 'text'],
  targetKeys: ['headers'],
};
const MANY: HttpWords = {
  ...FEW,
  schemes: ['http', 'https'],
  targetKeys: ['headers', 'tls', 'redirects', 'decompress'],
};
const only = { hosts: [], paths: [] };

test('options become keys of the target where the driver has them', () => {
  const text = 'curl -kL --max-redirs 3 --compressed -m 1.5 https://h/x';
  const { targets, notes } = importCurl({ text, words: MANY, only });
  assert.deepEqual(targets, [
    {
      name: 'api',
      url: '${API_URL:-https://h}',
      keys: { decompress: true, timeout: '1500ms', redirects: 3, tls: { insecure: true } },
    },
  ]);
  assert.deepEqual(notes, ['curl’s -L: redirects are followed to the same server only.']);
});

test('where the driver has no such keys each option is said instead', () => {
  const text = "curl -kL --compressed https://h/x -H 'accept-encoding: br'";
  const { targets, notes } = importCurl({ text, words: FEW, only });
  assert.deepEqual(targets, [{ name: 'api', url: '${API_URL:-http://h}', keys: {} }]);
  assert.equal(notes.length, 5);
  for (const word of ['-k', '-L', '--compressed', 'accept-encoding', 'with http']) {
    assert.ok(
      notes.some((note) => note.includes(word)),
      word,
    );
  }
});

test('a limit for redirects follows none, and -k means nothing without TLS', () => {
  const text = 'curl -k --max-redirs 3 http://h/x';
  assert.deepEqual(importCurl({ text, words: MANY, only }).targets[0]!.keys, {});
});

test('a capture of compressed answers asks for compressed answers where the driver can', () => {
  const headers = [{ name: 'Accept-Encoding', value: 'gzip, br' }];
  const request = { method: 'GET', url: 'https://h/', headers };
  const text = JSON.stringify({ log: { entries: [{ request }] } });
  const many = importHar({ text, words: MANY, only });
  assert.deepEqual(many.targets[0]!.keys, { decompress: true });
  const few = importHar({ text, words: FEW, only });
  assert.deepEqual(few.targets[0]!.keys, {});
  assert.ok(few.notes.some((note) => note.includes('accept-encoding')));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicUrl, publicValues } from '../../../src/results/write/redaction.ts';

test('a URL is shown without its user, password and query', () => {
  assert.equal(publicUrl('https://u:p@host:8443/v1/x?key=1#z', false), 'https://host:8443/v1/x');
  assert.equal(publicUrl('postgres://u:p@db/name?sslmode=disable', false), 'postgres://db/name');
  assert.equal(publicUrl('http://[::1]:8000/', false), 'http://[::1]:8000');
  assert.equal(publicUrl('unix:///run/server.sock', false), 'unix:///run/server.sock');
  assert.equal(publicUrl('', false), '');
});

test('of a URL out of the environment only where it leads is shown', () => {
  assert.equal(publicUrl('https://host/hooks/T0K3N', true), 'https://host');
});

test('what is no URL is not shown at all', () => {
  assert.equal(publicUrl('p@ssw0rd', false), '***');
});

test('values at redacted paths are hidden, others are not', () => {
  const values = { key: 'abc', tokens: 128 };
  const shown = publicValues(values, (name) => `params.${name}`, ['params.key']);
  assert.deepEqual(shown, { key: '***', tokens: 128 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertKept,
  settingsAsked,
  toldSettings,
  wordOf,
} from '../../../../src/drivers/vocabulary/vectors/index-settings.ts';

const KEPT = { kind: 'hnsw', metric: 'l2', m: 16, efConstruction: 100, ef: 100 };

test('what the server keeps as it was asked to is right, whatever else it keeps', () => {
  assertKept({ asked: { kind: 'hnsw', metric: 'l2', m: 16 }, kept: KEPT });
  assertKept({ asked: {}, kept: KEPT });
  assertKept({ asked: { kind: 'hnsw', ef: undefined }, kept: KEPT });
});

test('what the server does not tell is not compared', () => {
  assertKept({ asked: { kind: 'ivf-flat', lists: 100 }, kept: {} });
  assertKept({ asked: { m: 32, ef: 100 }, kept: { ...KEPT, m: undefined } });
});

test('another setting is named with both values, and all of them are', () => {
  assert.throws(() => assertKept({ asked: { m: 16, ef: 200 }, kept: KEPT }), {
    name: 'SettingsNotKept',
    message: 'the server keeps ef 100, where 200 was asked for',
  });
  assert.throws(() => assertKept({ asked: { ef: 200, metric: 'cosine' }, kept: KEPT }), {
    message:
      'the server keeps metric l2, where cosine was asked for, and ef 100, where 200 was asked for',
  });
});

test('what was asked for are metric, kind and what is named beside it, without what is passed on unread', () => {
  const index = { kind: 'hnsw', ef: 200, body: { sync_threshold: 5 } } as const;
  assert.deepEqual(settingsAsked({ metric: 'ip', index }), { metric: 'ip', kind: 'hnsw', ef: 200 });
});

test('what is told stands in the order of the words of create', () => {
  const told = toldSettings({ ef: 5, lists: undefined, metric: 'l2', kind: 'hnsw' });
  assert.deepEqual(Object.entries(told), [
    ['kind', 'hnsw'],
    ['metric', 'l2'],
    ['ef', 5],
  ]);
});

test('what the language has no word for keeps the server’s name', () => {
  const names = { l2: 'L2', ip: 'IP' };
  assert.equal(wordOf(names, 'IP'), 'ip');
  assert.equal(wordOf(names, 'HAMMING'), 'HAMMING');
  assert.equal(wordOf(names, undefined), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../../src/base/time/clock.ts';
import { assertKept } from '../../../../src/drivers/vocabulary/vectors/index-settings.ts';
import type { ReadyCall } from '../../../../src/drivers/vocabulary/vectors/vector-calls.ts';
import type { Progress } from '../../../../src/drivers/vocabulary/vectors/vector-client.ts';
import { waitUntilReady } from '../../../../src/drivers/vocabulary/vectors/wait-until-ready.ts';

/** A server that has come as far as this at each look; then it stays so. */
async function wait(
  looks: readonly Progress[],
  asked: Partial<ReadyCall> = {},
): Promise<{ rows: number; reached: string[]; looks: number }> {
  const states = ['inserted', 'searchable', 'indexed'] as const;
  const call: ReadyCall = {
    verb: 'ready',
    collection: 'any',
    states: [...states],
    rows: undefined,
    everyNs: 0,
    ...asked,
  };
  let look = 0;
  const reached: string[] = [];
  const client = { progress: () => Promise.resolve(looks[Math.min(look++, looks.length - 1)]!) };
  const rows = await waitUntilReady(client, call, {
    clock: systemClock,
    signal: new AbortController().signal,
    reached: (state) => reached.push(`${state}@${look}`),
    made: () => assert.fail('no index was made'),
  });
  return { rows, reached, looks: look };
}

function progress(rows: number, isSearchable = false, isIndexed = false): Progress {
  return { rows, isSearchable, isIndexed };
}

test('each state is told at the look that saw it first', async () => {
  const looks = [progress(5), progress(10), progress(10, true), progress(10, true, true)];
  const { rows, reached } = await wait(looks, { rows: 10 });
  assert.equal(rows, 10);
  assert.deepEqual(reached, ['inserted@2', 'searchable@3', 'indexed@4']);
});

test('a later state waits for those before it', async () => {
  const { reached } = await wait([progress(5, true, true), progress(10, true, true)], { rows: 10 });
  assert.deepEqual(reached, ['inserted@2', 'searchable@2', 'indexed@2']);
});

test('without a number of rows they are all there when two looks see as many', async () => {
  const { reached } = await wait([progress(5), progress(8), progress(8, true, true)]);
  assert.deepEqual(reached, ['inserted@3', 'searchable@3', 'indexed@3']);
});

test('it ends with the last state that was asked for', async () => {
  const looks = [progress(10), progress(10, true)];
  const { reached } = await wait(looks, { rows: 10, states: ['searchable'] });
  assert.deepEqual(reached, ['inserted@1', 'searchable@2']);
});

test('it ends when it is given up', async () => {
  const abort = new AbortController();
  const client = { progress: () => (abort.abort(), Promise.resolve(progress(0))) };
  const call: ReadyCall = {
    verb: 'ready',
    collection: 'any',
    states: ['inserted'],
    rows: 1,
    everyNs: 0,
  };
  const { signal } = abort;
  const fail = () => assert.fail('nothing was reached, and no index was made');
  const given = { clock: systemClock, signal, reached: fail, made: fail };
  await assert.rejects(waitUntilReady(client, call, given), { name: 'AbortError' });
});

test('an index that was made for its rows is told of at once, and may end the wait', async () => {
  const made = { asked: { lists: 20 }, kept: { lists: 10 } };
  const client = { progress: () => Promise.resolve({ ...progress(10, true, true), made }) };
  const call: ReadyCall = {
    verb: 'ready',
    collection: 'any',
    states: ['indexed'],
    rows: 10,
    everyNs: 0,
  };
  const given = {
    clock: systemClock,
    signal: new AbortController().signal,
    reached: () => assert.fail('it ended before'),
    made: assertKept,
  };
  await assert.rejects(waitUntilReady(client, call, given), {
    message: 'the server keeps lists 10, where 20 was asked for',
  });
});

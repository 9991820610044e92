import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

const CHATS = [
  { id: 'a', turns: ['q', 'r'] },
  { id: 'b', turns: [] },
  { id: 'c', turns: ['q'] },
  { id: 'd', turns: ['q', 'r', 's'] },
];

function open(keys: object, params = {}): Promise<Feeder> {
  const spec = feederSchema.parse({ inline: CHATS, ...keys });
  return openFeeder('chats', spec, { seed: 1, baseFolder: '.', params });
}

test('rows for which `where` is not true are passed over, in every order', async () => {
  const where = 'size(chats.turns) >= params.turns';
  const inOrder = await open({ where }, { turns: 2 });
  assert.equal(inOrder.rowCount, 2);
  const idsOf = (feeder: Feeder, count: number): unknown[] =>
    Array.from({ length: count }, (_, at) => feeder.row(at)['id']);
  assert.deepEqual(idsOf(inOrder, 3), ['a', 'd', 'a']);
  const shuffled = await open({ where, pick: 'shuffle' }, { turns: 2 });
  assert.deepEqual(new Set(idsOf(shuffled, 2)), new Set(['a', 'd']));
  const once = await open({ where, pick: 'once' }, { turns: 2 });
  assert.equal(once.iterations, 2);
});

test('`where` chooses among the rows that skip and rows leave', async () => {
  const feeder = await open({ where: 'size(chats.turns) >= 2', skip: 1, rows: 3 });
  assert.equal(feeder.rowCount, 1);
  assert.equal(feeder.row(0)['id'], 'd');
});

test('a `where` that keeps nothing, is no condition or reads what is not there is refused', async () => {
  await assert.rejects(open({ where: 'chats.id == "z"' }), /DATA_EMPTY|no rows/);
  await assert.rejects(open({ where: 'chats.id' }), /row 1.*expected true or false, found "a"/s);
  await assert.rejects(open({ where: 'chats.turn == 1' }), /where: chats\.turn == 1.*turns/s);
  await assert.rejects(open({ where: 'chats.turns[0] == "q"' }), /row 2/);
  assert.throws(
    () => feederSchema.parse({ generate: 'values', fields: { x: 1 }, where: 'true' }),
    /rows/,
  );
});

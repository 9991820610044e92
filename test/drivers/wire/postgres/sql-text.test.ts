import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parameterCount, splitParameters } from '../../../../src/drivers/wire/postgres/sql-text.ts';

const CASES: readonly (readonly [sql: string, parameters: readonly number[]])[] = [
  ['SELECT 1', []],
  ['SELECT $1, $2', [1, 2]],
  ['SELECT $2 + $1 + $2', [2, 1, 2]],
  ['SELECT $10', [10]],
  ["SELECT '$1', $1", [1]],
  ["SELECT 'it''s $1' || $1", [1]],
  [String.raw`SELECT '\' || $1 || ' $2 '`, [1]],
  [String.raw`SELECT E'\'$1' || $1`, [1]],
  ['SELECT "a $1 ""b" || $1', [1]],
  ['SELECT $1 -- $2\n + $3', [1, 3]],
  ['SELECT $1 /* $2 /* $3 */ $4 */ + $5', [1, 5]],
  ['SELECT $$ $1 $$ || $1', [1]],
  ['SELECT $tag$ $1 $$ $2 $tag$ || $1', [1]],
  ['SELECT a$1, $1', [1]],
  ['SELECT größe$1 + $1', [1]],
  ['SELECT $1::text', [1]],
  ['SELECT array[$1,$2][$3]', [1, 2, 3]],
];

for (const [sql, parameters] of CASES) {
  it(`finds the parameters of ${sql.replaceAll('\n', '⏎')}`, () => {
    const parts = splitParameters(sql);
    assert.deepEqual(parts.parameters, parameters);
    assert.equal(parameterCount(parts), Math.max(0, ...parameters));
    const again = parts.statics.reduce(
      (text, part, index) => `${text}$${parts.parameters[index - 1]}${part}`,
    );
    assert.equal(again, sql);
  });
}

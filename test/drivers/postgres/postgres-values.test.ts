import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { whyNoPostgres } from '../../support/postgres-server.ts';
import { PostgresWorld, query, type Answer } from './postgres-fixture.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((given) => given.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    "it's",
    String.raw`a\b\'c`,
    'tab\tline\nend',
    '$1',
    'NULL',
    '{}',
    'naïve 東京 🎈',
  ),
  fc.constant('long '.repeat(20_000)),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/** By SQL type: values as scenarios hand them over. */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  smallint: fc.integer({ min: -32_768, max: 32_767 }),
  integer: fc.integer(),
  bigint: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  numeric: fc.oneof(
    finite.filter((value) => Math.abs(value) < 1e100),
    fc.maxSafeInteger(),
  ),
  real: fc.float({ noNaN: true, noDefaultInfinity: true }),
  'double precision': fc.oneof(finite, fc.constantFrom(Number.NaN, Infinity, -Infinity)),
  boolean: fc.boolean(),
  text,
  bytea: fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  timestamptz: fc.date({
    min: new Date('1900-01-01'),
    max: new Date('2100-01-01'),
    noInvalidDate: true,
  }),
  jsonb: fc.dictionary(
    fc.string({ maxLength: 8 }).map((key) => key.replaceAll('\0', '')),
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
    { maxKeys: 4 },
  ),
  'integer[]': fc.array(fc.option(fc.integer()), { maxLength: 8 }),
  'text[]': fc.array(fc.option(text), { maxLength: 5 }),
  'bytea[]': fc.array(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    {
      maxLength: 3,
    },
  ),
};
const TYPES = Object.keys(VALUES);
const ROUNDS = 40;
const TABLE = 'parameters';

describe('values of every type', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld();

  for (const protocol of ['prepared', 'extended', 'simple']) {
    it(`leave the same rows in the database as pg does, ${protocol}`, async (t) => {
      await createTable(world);
      const bench = await world.bench(t, { protocol });
      const session = bench.driver.open(0);
      const places = TYPES.map((_, index) => `$${index + 2}`);
      const insert = `INSERT INTO ${TABLE} VALUES ($1, ${places.join(', ')})`;
      const rows = fc.sample(rowArbitrary(), { numRuns: ROUNDS });
      for (const [index, row] of rows.entries()) {
        const scope = Object.fromEntries(row.map((value, place) => [`v${place}`, value]));
        const bind = [`own ${index}`, ...row.map((_, place) => `{{ v${place} }}`)];
        const record = await bench.run(session, query(insert, bind), { scope });
        assert.equal(record.outcome, 'ok', String((session.result as Answer).message));
        await world.admin.query(insert, [`pg ${index}`, ...row.map(forPg)]);
      }
      const [differing] = await world.rows(differences());
      assert.deepEqual(differing, { differing: 0, rows: ROUNDS });
    });
  }

  it('come through COPY as they come through pg', async (t) => {
    await createTable(world);
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    const rows = fc.sample(rowArbitrary(), { numRuns: ROUNDS });
    const insert = `INSERT INTO ${TABLE} VALUES ($1, ${TYPES.map((_, i) => `$${i + 2}`).join(', ')})`;
    for (const [index, row] of rows.entries()) {
      await world.admin.query(insert, [`pg ${index}`, ...row.map(forPg)]);
    }
    const columns = ['key', ...TYPES.map((_, index) => `v${index}`)];
    const step = { verb: 'copy', spec: { table: TABLE, columns, rows: '{{ rows }}' } };
    const given = rows.map((row, index) => [`own ${index}`, ...row]);
    const record = await bench.run(session, step, { scope: { rows: given } });
    assert.equal(record.outcome, 'ok', String((session.result as Answer).message));
    assert.equal((session.result as Answer).rowCount, ROUNDS);
    const [differing] = await world.rows(differences());
    assert.deepEqual(differing, { differing: 0, rows: ROUNDS });
  });

  it('are read as what they are', async (t) => {
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    const sql = `SELECT 1::int2 AS a, -2::int4 AS b, 3::int8 AS c, 9223372036854775807 AS d, 1.5::float4 AS e,
      'NaN'::float8 AS f, 1.10::numeric AS g, true AS h, false AS i, NULL::int AS j, 'é'::text AS k,
      '\\x00ff'::bytea AS l, '{"x":[1,null]}'::jsonb AS m, '{1,2}'::int[] AS n`;
    await bench.run(session, query(sql));
    assert.deepEqual((session.result as Answer).rows, [
      {
        a: 1,
        b: -2,
        c: 3,
        d: 9223372036854775807n,
        e: 1.5,
        f: Number.NaN,
        g: '1.10',
        h: true,
        i: false,
        j: null,
        k: 'é',
        l: Buffer.from([0, 255]),
        m: { x: [1, null] },
        n: '{1,2}',
      },
    ]);
    await bench.run(session, query(`SET bytea_output = 'escape'`));
    await bench.run(session, query(String.raw`SELECT '\x5c00ff41'::bytea AS l`));
    assert.deepEqual((session.result as Answer).rows, [{ l: Buffer.from([92, 0, 255, 65]) }]);
  });

  it('of a vector stand in brackets', async (t) => {
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    const scope = { v: Float32Array.from([1, -2.5, 0.1]) };
    await bench.run(session, query('SELECT $1::text AS v', ['{{ v }}']), { scope });
    assert.deepEqual((session.result as Answer).rows, [{ v: `[1,-2.5,${Math.fround(0.1)}]` }]);
  });

  it('that are missing, or hold a character 0, end the run with the row that broke it', async (t) => {
    const bench = await world.bench(t);
    const step = query('SELECT $1::text', ['{{ v }}']);
    const bind = (v: unknown) => () => bench.compile(step).bind({ v });
    assert.throws(bind('a\0b'), { name: 'ExpressionError', message: /character 0/ });
    assert.throws(
      bind(() => 1),
      { name: 'ExpressionError', message: /function/ },
    );
  });
});

function rowArbitrary(): fc.Arbitrary<unknown[]> {
  const columns = TYPES.map((type) => fc.option(VALUES[type]!, { nil: null, freq: 8 }));
  return fc.tuple(...columns);
}

/** pg writes lists for jsonb and objects alike, but dates in the time of the machine. */
function forPg(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

async function createTable(world: PostgresWorld): Promise<void> {
  const columns = TYPES.map((type, index) => `v${index} ${type}`).join(', ');
  await world.rows(`DROP TABLE IF EXISTS ${TABLE}`);
  await world.rows(`CREATE TABLE ${TABLE} (key text PRIMARY KEY, ${columns})`);
}

/** Rows of ours and pg's with one number, held against each other by the server. */
function differences(): string {
  const columns = TYPES.map((_, index) => `o.v${index} IS DISTINCT FROM p.v${index}`);
  return `SELECT (count(*) FILTER (WHERE ${columns.join(' OR ')}))::int AS differing, count(*)::int AS rows
    FROM ${TABLE} o JOIN ${TABLE} p ON p.key = replace(o.key, 'own', 'pg') AND o.key LIKE 'own%'`;
}

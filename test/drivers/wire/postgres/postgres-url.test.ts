import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from 'pg';
import { readPostgresUrl } from '../../../../src/drivers/wire/postgres/postgres-url.ts';

it('reads user, password, host, port and database as pg does', () => {
  for (const url of [
    'postgres://anna:secret@db.example:6543/shop',
    'postgresql://anna@127.0.0.1/shop',
    'postgres://anna:p%40ss%2Fword%20%C3%A9@host/sh%20op',
    'postgres://u:p@[::1]:5433/d',
  ]) {
    const own = readPostgresUrl(url);
    const theirs = new Client({ connectionString: url });
    assert.equal(own.host, theirs.host.replace(/^\[(.*)\]$/, '$1'));
    assert.equal(own.port, theirs.port);
    assert.equal(own.user, theirs.user);
    assert.equal(own.password, theirs.password ?? undefined);
    assert.equal(own.database, theirs.database);
  }
});

it('takes the user for the database, and postgres for a user, where none is named', () => {
  assert.equal(readPostgresUrl('postgres://anna@host').database, 'anna');
  const { user, database, port } = readPostgresUrl('postgres://host');
  assert.deepEqual([user, database, port], ['postgres', 'postgres', 5432]);
});

it('takes the folder of a unix socket', () => {
  assert.equal(readPostgresUrl('postgres:///shop?host=/run/postgresql').host, '/run/postgresql');
});

for (const [url, reason] of [
  ['nonsense', /postgres:\/\//],
  ['postgres:///shop', /names no host/],
  ['postgres://host/d?sslmode=prefer', /sslmode is one of/],
  ['postgres://host/d?statement_timeout=5', /settings/],
] as const) {
  it(`says what is wrong with ${url}`, () => {
    assert.throws(() => readPostgresUrl(url), { message: reason });
  });
}

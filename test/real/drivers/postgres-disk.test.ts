import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'pg';
import {
  installedPostgres,
  startPostgresBy,
  whyNoPostgres,
} from '../../support/postgres-server.ts';
import { runScenario } from '../../support/run-loadgen.ts';

/** A file system of 16 MiB in a mount namespace of its own, for the server's user alone. */
const WITH_SMALL_DISK = `
user=$(id -u postgres 2>/dev/null || id -u nobody)
mount -t tmpfs -o size=16m,mode=700,uid=$user loadgen "$0" && exec bash serve.sh "$@"`;

const ROWS = 100;

function whyNoDisk(): string | false {
  if (spawnSync('unshare', ['-m', 'true']).status === 0) return whyNoPostgres();
  return 'no mount namespaces here: they need root, or rights that this user has not';
}

test(
  'a disk that fills up while rows are inserted is said so, and loses no row that was confirmed',
  { skip: whyNoDisk() },
  async (t) => {
    const disk = mkdtempSync(join(tmpdir(), 'loadgen-small-disk-'));
    t.after(() => rmdirSync(disk));
    const command = ['unshare', '-m', 'bash', '-c', WITH_SMALL_DISK, disk];
    const server = await startPostgresBy(command, installedPostgres()!, []);
    t.after(() => server.stop());
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
    await admin.query('CREATE TABLE filled (id bigint, body text) TABLESPACE small');

    const run = await runScenario(`
version: 1
targets: { pg: { driver: postgres, url: '${server.url}' } }
steps:
  - name: insert
    query:
      sql: INSERT INTO filled SELECT i, repeat('x', 1000) FROM generate_series(1, ${ROWS}) i
load: { executor: constant-vus, vus: 4, iterations: 400 }
`);
    const { attempted, operations, inFlight } = run.result.accounts.measure;
    const { ok = 0, rejected = 0 } = operations;
    assert.equal(attempted, 400, run.errors);
    assert.equal(inFlight, 0);
    assert.ok(ok > 20 && rejected > 20, `${ok} ok, ${rejected} rejected`);
    assert.equal(ok + rejected, attempted);
    assert.match(JSON.stringify(run.result), /53100.*No space left on device/);
    const { rows } = await admin.query<{ n: number }>('SELECT count(*)::int AS n FROM filled');
    assert.equal(rows[0]!.n, ok * ROWS);
    await admin.end();
  },
);

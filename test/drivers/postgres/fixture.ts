import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { StepOptions } from '../../support/driver-bench.ts';
import { startPostgres, whyNoPostgres } from '../../support/postgres-server.ts';
import type { DriverFixture } from '../driver-fixture.ts';

function query(sql: string): StepOptions {
  return { verb: 'query', spec: { sql }, reads: ['rows'] };
}

/** Fails with any SQLSTATE that a test wants. */
function raise(code: string): StepOptions {
  return query(`DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '${code}'; END $$`);
}

const BEGUN = 'connection received';

export const fixture: DriverFixture = {
  skip: whyNoPostgres(),
  async start() {
    const server = await startPostgres();
    return {
      port: server.port,
      url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
      async connectionsAccepted() {
        const before = server.logged(BEGUN);
        const client = new Client({ connectionString: server.url });
        await client.connect();
        await client.query('SELECT 1');
        await client.end();
        // The log comes through a pipe: the line of this very connection is the last.
        while (server.logged(BEGUN) === before) await delay(5);
        return server.logged(BEGUN);
      },
      stop: () => server.stop(),
    };
  },
  steps: {
    ok: query("SELECT 1 AS one, 'text' AS two"),
    delayed: (delayMs) => query(`SELECT pg_sleep(${delayMs / 1000})`),
    large: (bytes) => query(`SELECT repeat('x', ${bytes}) AS text`),
    silence: query('SELECT pg_sleep(3600)'),
    die: query(`COPY (SELECT pg_sleep(60)) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'`),
    failing: [
      ['a table that is not there', query('SELECT * FROM nowhere'), 'status_error'],
      ['no SQL', query('SELEC 1'), 'status_error'],
      ['division by zero', query('SELECT 1 / 0'), 'status_error'],
      ['too many connections', raise('53300'), 'rejected'],
      ['disk full', raise('53100'), 'rejected'],
      ['terminated', query('SELECT pg_terminate_backend(pg_backend_pid())'), 'connection_lost'],
    ],
  },
};

import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { StepOptions } from '../../support/driver-bench.ts';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { startPostgresOf } from '../../support/postgres-server.ts';
import type { DriverFixture } from '../driver-fixture.ts';

const RECIPE = 'postgres-pgvector';
const BEGUN = 'connection received';
/** As much as the suite asks for. */
const DELAYS_MS = [50, 60];
const SIZES = [300_000];
const CODES = ['22012', '53300', '53100'];

/** Each a view in place of a collection, with a condition that does what its name says. */
const SET_UP = [
  'CREATE EXTENSION vector',
  'CREATE TABLE rows (id bigint, vector vector(3))',
  "INSERT INTO rows VALUES (7, '[1,2,3]')",
  view('bench', 'true'),
  ...DELAYS_MS.map((delayMs) => view(`delayed_${delayMs}`, sleep(delayMs / 1000))),
  ...SIZES.map((bytes) => view(`large_${bytes}`, 'true', `, repeat('x', ${bytes}) AS pad`)),
  view('silence', sleep(3600)),
  doing('die', "COPY (SELECT pg_sleep(60)) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'"),
  ...CODES.map((code) => doing(`raise_${code}`, `RAISE 'on purpose' USING ERRCODE = '${code}'`)),
  view('terminated', 'pg_terminate_backend(pg_backend_pid())'),
];

function view(name: string, condition: string, more = ''): string {
  return (
    `CREATE VIEW ${name} AS SELECT id, vector${more} FROM rows WHERE ${condition}; ` +
    `COMMENT ON VIEW ${name} IS '{"metric":"l2"}'`
  );
}

function sleep(seconds: number): string {
  return `pg_sleep(${seconds}) IS NOT NULL`;
}

function doing(name: string, statement: string): string {
  return (
    `CREATE FUNCTION ${name}() RETURNS boolean LANGUAGE plpgsql VOLATILE ` +
    `AS $$ BEGIN ${statement}; RETURN true; END $$; ${view(name, `${name}()`)}`
  );
}

function search(collection: string, fields: readonly string[] = []): StepOptions {
  const spec = { collection, vector: [1, 2, 3], k: 1, return: fields };
  return { verb: 'search', spec, reads: ['ids'] };
}

export const fixture: DriverFixture = {
  skip: whyNotInstalled(RECIPE),
  firstConnections: 1,
  async start() {
    const server = await startPostgresOf(RECIPE);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(SET_UP.join('; '));
    await client.end();
    return {
      port: server.port,
      url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
      async connectionsAccepted() {
        const before = server.logged(BEGUN);
        const asking = new Client({ connectionString: server.url });
        await asking.connect();
        await asking.end();
        // The log comes through a pipe: the line of this very connection is the last.
        while (server.logged(BEGUN) === before) await delay(5);
        return server.logged(BEGUN);
      },
      stop: () => server.stop(),
    };
  },
  steps: {
    ok: search('bench'),
    delayed: (delayMs) => search(`delayed_${delayMs}`),
    large: (bytes) => search(`large_${bytes}`, ['pad']),
    silence: search('silence'),
    die: search('die'),
    failing: [
      ['a collection that is not there', search('nowhere'), 'status_error'],
      [
        'another dimension',
        { ...search('bench'), spec: { collection: 'bench', vector: [1] } },
        'status_error',
      ],
      ['an error of the server', search('raise_22012'), 'status_error'],
      ['too many connections', search('raise_53300'), 'rejected'],
      ['disk full', search('raise_53100'), 'rejected'],
      ['terminated', search('terminated'), 'connection_lost'],
    ],
  },
};

import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { freePort } from '../machine/free-port.ts';
import { startPinned, type PinnedServer } from '../machine/pinned.ts';

export interface Postgres extends PinnedServer {
  readonly url: string;
  readonly port: number;
  readonly version: string;
}

/**
 * The system's PostgreSQL, all its processes on the server's core, with everything in memory: it is
 * the clients that are compared, not disks.
 */
export async function startPostgres(): Promise<Postgres> {
  if (!existsSync('/usr/lib/postgresql') && process.env['PGBIN'] === undefined) {
    throw new Error('The server of this comparison is PostgreSQL: apt-get install postgresql');
  }
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const quiet = ['-c', 'fsync=off', '-c', 'autovacuum=off', '-c', 'shared_buffers=512MB'];
  // What it logs of its own life would stand between the figures.
  const silent = ['-c', 'log_min_messages=fatal'];
  const command = [
    'bash',
    'servers/postgres/serve.sh',
    '--port',
    String(port),
    ...quiet,
    ...silent,
  ];
  let version = '';
  const server = await startPinned(command, async () => {
    version = await versionAt(url);
  });
  return { ...server, url, port, version };
}

async function versionAt(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return rows[0]!.server_version;
}

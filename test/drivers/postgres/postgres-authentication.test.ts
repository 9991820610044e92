import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeCertificates } from '../../support/certificates.ts';
import { whyNoPostgres } from '../../support/postgres-server.ts';
import { PostgresWorld, query, type Answer } from './postgres-fixture.ts';

/** Who may come in how: PostgreSQL documentation, "The pg_hba.conf File". */
const WAYS_IN = `
host    all postgres 127.0.0.1/32 trust
host    all scram    127.0.0.1/32 scram-sha-256
host    all md5      127.0.0.1/32 md5
host    all clear    127.0.0.1/32 password
hostssl all secured  127.0.0.1/32 scram-sha-256
`;

const PASSWORD = `p@ss/wörd ' "東京"`;

describe('who comes in how', { skip: whyNoPostgres() }, () => {
  const certificates = makeCertificates();
  after(() => certificates.remove());
  const folder = serverFolder(certificates.server);
  const world = new PostgresWorld(
    '-c',
    `hba_file=${folder}/hba.conf`,
    '-c',
    'ssl=on',
    '-c',
    `ssl_cert_file=${folder}/server.pem`,
    '-c',
    `ssl_key_file=${folder}/server.key`,
  );

  function urlOf(user: string, password: string, query = ''): string {
    const secret = password === '' ? '' : `:${encodeURIComponent(password)}`;
    return `postgres://${user}${secret}@127.0.0.1:${world.server.port}/postgres${query}`;
  }

  async function makeUser(name: string): Promise<void> {
    const encryption = name === 'md5' ? 'md5' : 'scram-sha-256';
    await world.rows(`DROP USER IF EXISTS ${name}`);
    await world.rows(`SET password_encryption = '${encryption}'`);
    const literal = `'${PASSWORD.replaceAll("'", "''")}'`;
    await world.rows(`CREATE USER ${name} PASSWORD ${literal}`);
  }

  for (const user of ['scram', 'md5', 'clear']) {
    it(`lets ${user} in with the right password and with no other`, async (t) => {
      await makeUser(user);
      const bench = await world.bench(t, {}, urlOf(user, PASSWORD));
      for (let slot = 0; slot < 3; slot++) {
        const session = bench.driver.open(slot);
        const record = await bench.run(session, query('SELECT current_user AS me'), { slot });
        assert.equal(record.outcome, 'ok', JSON.stringify(bench.reasons()));
        assert.deepEqual((session.result as Answer).rows, [{ me: user }]);
      }
      const wrong = await world.bench(t, {}, urlOf(user, 'wrong'));
      assert.equal(await wrong.driver.open(1).connect(), false);
      const record = await wrong.run(wrong.driver.open(0), query('SELECT 1'));
      assert.equal(record.outcome, 'connect_failed');
      const reason = `28P01: password authentication failed for user "${user}"`;
      assert.deepEqual(wrong.reasons(), { [reason]: 2 });
    });
  }

  it('asks for TLS where the url or the target says so, and knows the server by its name', async (t) => {
    await makeUser('secured');
    const { ca } = certificates;
    const inTls = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    for (const [suffix, tls] of [
      ['?sslmode=require', undefined],
      ['', { ca }],
      ['', { insecure: true }],
    ] as const) {
      const bench = await world.bench(
        t,
        tls === undefined ? {} : { tls },
        urlOf('secured', PASSWORD, suffix),
      );
      const session = bench.driver.open(0);
      const record = await bench.run(session, query(inTls));
      assert.equal(record.outcome, 'ok', JSON.stringify(bench.reasons()));
      assert.deepEqual((session.result as Answer).rows, [{ ssl: true }]);
      assert.ok(record.phases['tls_time']! > 0);
      const large = await bench.run(session, query("SELECT repeat('x', 300000) AS x"));
      assert.equal(large.outcome, 'ok');
      assert.equal(String((session.result as Answer).rows![0]!['x']).length, 300_000);
    }
    for (const tls of [{}, { ca, serverName: 'elsewhere.test' }]) {
      const bench = await world.bench(t, { tls }, urlOf('secured', PASSWORD));
      const record = await bench.run(bench.driver.open(0), query('SELECT 1'));
      assert.equal(record.outcome, 'connect_failed');
      assert.match(Object.keys(bench.reasons())[0]!, /certificate/);
    }
  });

  it('says so where the server wants TLS and nobody asked for it', async (t) => {
    await makeUser('secured');
    const bench = await world.bench(t, {}, urlOf('secured', PASSWORD));
    const record = await bench.run(bench.driver.open(0), query('SELECT 1'));
    assert.equal(record.outcome, 'connect_failed');
    assert.match(Object.keys(bench.reasons())[0]!, /^28000: no pg_hba\.conf entry.*no encryption/);
  });

  for (const sslMode of ['require', 'disable']) {
    it(`brings pg in by the same ways, sslmode=${sslMode}`, async (t) => {
      const user = sslMode === 'require' ? 'secured' : 'scram';
      await makeUser(user);
      const url = urlOf(user, PASSWORD, `?sslmode=${sslMode}`);
      const bench = await world.bench(t, { client: 'sdk', settings: { search_path: 'a, b' } }, url);
      const session = bench.driver.open(0);
      const record = await bench.run(session, query('SHOW search_path'));
      assert.equal(record.outcome, 'ok', JSON.stringify(bench.reasons()));
      assert.deepEqual((session.result as Answer).rows, [{ search_path: 'a, b' }]);
    });
  }
});

describe('a server without TLS', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld();

  it('is not reached by those who ask for it', async (t) => {
    const bench = await world.bench(t, {}, `${world.server.url}?sslmode=require`);
    const record = await bench.run(bench.driver.open(0), query('SELECT 1'));
    assert.equal(record.outcome, 'connect_failed');
    assert.deepEqual(bench.reasons(), { 'the server does not speak TLS': 1 });
  });
});

/** Files that a server of another user can read, its key by nobody else. */
function serverFolder({ cert, key }: { readonly cert: string; readonly key: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-postgres-test-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'hba.conf'), WAYS_IN, { mode: 0o644 });
  copyFileSync(cert, join(folder, 'server.pem'));
  copyFileSync(key, join(folder, 'server.key'));
  chmodSync(join(folder, 'server.pem'), 0o644);
  chmodSync(join(folder, 'server.key'), 0o600);
  if (process.getuid?.() === 0) chownSync(join(folder, 'server.key'), serverUser(), 0);
  return folder;
}

/** As servers/postgres/run-server.sh has it. */
function serverUser(): number {
  const { stdout } = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' });
  return Number(stdout.trim() || spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout);
}

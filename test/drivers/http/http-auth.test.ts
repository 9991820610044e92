import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { httpTargetOptions } from '../../../src/drivers/http/http-config.ts';
import { AwsSigner, sha256Hex, UNSIGNED_PAYLOAD } from '../../../src/drivers/wire/aws/sigv4.ts';
import { startUploadServer } from '../../support/upload-server.ts';
import { httpBench, request } from './http-fixture.ts';

const SIGV4 = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};

async function setUp(t: TestContext, auth: object, headers: Record<string, string> = {}) {
  const server = await startUploadServer();
  t.after(() => server.close());
  const baseFolder = mkdtempSync(join(tmpdir(), 'loadgen-auth-'));
  t.after(() => rmSync(baseFolder, { recursive: true }));
  const options = { auth, headers };
  return {
    server,
    baseFolder,
    bench: await httpBench(t, { url: server.url, options, baseFolder }),
  };
}

describe('who is asking', () => {
  it('is said by user and password', async (t) => {
    const { server, bench } = await setUp(t, { basic: { user: 'me', password: 'p:ä' } });
    await bench.run(bench.driver.open(0), request());
    const [scheme, credentials = ''] = server.uploads[0]!.headers.authorization!.split(' ');
    assert.equal(scheme, 'Basic');
    assert.equal(Buffer.from(credentials, 'base64').toString('utf8'), 'me:p:ä');
  });

  it('is said by a token, which may come from a row', async (t) => {
    const { server, bench } = await setUp(t, { bearer: '{{ users.token }}' });
    const session = bench.driver.open(0);
    for (const token of ['one', 'two']) {
      await bench.run(session, request(), { scope: { users: { token } } });
    }
    const said = server.uploads.map(({ headers }) => headers.authorization);
    assert.deepEqual(said, ['Bearer one', 'Bearer two']);
  });

  it('is said by a header of the target or the step before all else', async (t) => {
    const { server, bench } = await setUp(t, { bearer: 'auth' }, { Authorization: 'target' });
    const session = bench.driver.open(0);
    await bench.run(session, request());
    await bench.run(session, request({ headers: { authorization: 'step' } }));
    const said = server.uploads.map(({ headers }) => headers.authorization);
    assert.deepEqual(said, ['target', 'step']);
  });

  it('is one way only, and not empty', () => {
    for (const auth of [{}, { bearer: '' }, { bearer: 'x', basic: { user: 'a', password: 'b' } }]) {
      assert.equal(httpTargetOptions.safeParse({ auth }).success, false, JSON.stringify(auth));
    }
  });
});

describe('a signed request', () => {
  it('carries a signature over what the server sees, with the time of now', async (t) => {
    const credentials = { ...SIGV4, service: 's3', sessionToken: 'session' };
    const { server, bench } = await setUp(t, { sigv4: credentials }, { 'x-amz-meta-a': ' b  c ' });
    const session = bench.driver.open(0);
    const spec = { path: '/a b/{{ row.key }}'.replace(' ', '%20'), text: 'é {{ row.key }}' };
    const query = { prefix: 'ü/', list: 1 };
    const scope = { row: { key: 'k/(1)' } };
    const startMs = Date.now();
    assert.equal((await bench.run(session, request({ ...spec, query }), { scope })).outcome, 'ok');
    const [{ headers, body }] = server.uploads as [(typeof server.uploads)[0]];
    const payloadHash = sha256Hex(body.toString('utf8'));
    assert.equal(headers['x-amz-content-sha256'], payloadHash);
    assert.equal(headers['x-amz-security-token'], 'session');
    const time = String(headers['x-amz-date']);
    const seconds = time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
    assert.ok(Math.abs(Date.parse(seconds) - startMs) < 60_000, time);
    const names = /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';');
    assert.deepEqual(names, [
      'content-type',
      'host',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-meta-a',
      'x-amz-security-token',
    ]);
    const again = new AwsSigner(credentials).authorization({
      method: 'POST',
      requestTarget: '/a%20b/k%2F(1)?prefix=%C3%BC%2F&list=1',
      headers: names.map((name) => [name, String(headers[name])]),
      payloadHash,
      time,
    });
    assert.equal(headers.authorization, again);
  });

  it('has no header of S3 for other services', async (t) => {
    const { server, bench } = await setUp(t, { sigv4: { ...SIGV4, service: 'execute-api' } });
    await bench.run(bench.driver.open(0), request());
    const { headers } = server.uploads[0]!;
    assert.match(headers.authorization!, /SignedHeaders=host;x-amz-date,/);
    assert.equal(headers['x-amz-content-sha256'], undefined);
  });

  it('with a file leaves the payload unsigned for S3, and is refused for others', async (t) => {
    const { server, bench, baseFolder } = await setUp(t, { sigv4: { ...SIGV4, service: 's3' } });
    writeFileSync(join(baseFolder, 'body'), Buffer.alloc(100_000));
    assert.equal((await bench.run(bench.driver.open(0), request({ file: 'body' }))).outcome, 'ok');
    assert.equal(server.uploads[0]!.headers['x-amz-content-sha256'], UNSIGNED_PAYLOAD);
    const other = await setUp(t, { sigv4: { ...SIGV4, service: 'execute-api' } });
    assert.throws(
      () => other.bench.compile(request({ file: join(baseFolder, 'body') })),
      (error) => error instanceof LoadgenError && error.code === 'TARGET_NOT_USABLE',
    );
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { ExpressionError } from '../../../src/base/expressions/expression-error.ts';
import { BodyFiles, OPEN_FILES_LIMIT } from '../../../src/drivers/wire/body/body-files.ts';
import type { HttpDriver } from '../../../src/drivers/http/http-driver.ts';
import { startUploadServer, type Upload } from '../../support/upload-server.ts';
import { httpBench, request, scripted } from './http-fixture.ts';

const MIB = 2 ** 20;

function folderOf(t: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-bodies-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function uploading(
  t: TestContext,
  files: Record<string, string | Buffer> = {},
  setting = {},
) {
  const baseFolder = folderOf(t, files);
  const server = await startUploadServer(setting);
  t.after(() => server.close());
  return { server, baseFolder, bench: await httpBench(t, { url: server.url, baseFolder }) };
}

/** What Node's own reader of forms finds in a body. */
async function fieldsIn({ body, headers }: Upload): Promise<[string, string][]> {
  const type = headers['content-type']!;
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  const fields: [string, string][] = [];
  for (const [name, value] of form) {
    const text =
      typeof value === 'string' ? value : `${value.name}|${value.type}|${await value.text()}`;
    fields.push([name, text]);
  }
  return fields;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that differ from place to place. */
function patternOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  return bytes;
}

describe('a form', () => {
  it('is sent so that a server reads the same names and values', async (t) => {
    const { server, bench } = await uploading(t);
    const form = { 'a b': 'x & y = ü', n: 5, row: 'begins {{ row.text }} & ends' };
    const scope = { row: { text: '50% + "ü"\r\n&=' } };
    const record = await bench.run(bench.driver.open(0), request({ form }), { scope });
    assert.equal(record.outcome, 'ok');
    assert.equal(server.uploads[0]!.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.deepEqual(await fieldsIn(server.uploads[0]!), [
      ['a b', 'x & y = ü'],
      ['n', '5'],
      ['row', 'begins 50% + "ü"\r\n&= & ends'],
    ]);
  });
});

describe('a multipart body', () => {
  it('is read by a server part by part, in order', async (t) => {
    const large = patternOf(300_000);
    const { server, bench } = await uploading(t, {
      'small "1".txt': 'small file',
      'large.bin': large,
    });
    const multipart = [
      { name: 'title', text: '{{ row.text }}' },
      { name: 'meta', json: { n: '{{ row.n }}' } },
      { name: 'file', file: 'small "1".txt', type: 'text/plain' },
      { name: 'file', file: '{{ row.path }}', filename: 'of row {{ row.n }}.bin' },
      { name: 'end', text: 'ü' },
    ];
    const scope = { row: { text: 'ä\r\n--x', n: 7, path: 'large.bin' } };
    const session = bench.driver.open(0);
    for (let count = 0; count < 2; count++) {
      const record = await bench.run(session, request({ multipart }), { scope });
      assert.equal(record.outcome, 'ok');
      assert.ok(record.bytesSent > 300_000);
    }
    for (const upload of server.uploads) {
      assert.equal(Number(upload.headers['content-length']), upload.bytes);
      const fields = await fieldsIn(upload);
      assert.deepEqual(fields.slice(0, 3), [
        ['title', 'ä\r\n--x'],
        ['meta', '{"n":7}'],
        ['file', 'small "1".txt|text/plain|small file'],
      ]);
      assert.deepEqual(fields[3], [
        'file',
        `of row 7.bin|application/octet-stream|${large.toString()}`,
      ]);
      assert.deepEqual(fields[4], ['end', 'ü']);
    }
  });
});

describe('a file as body', () => {
  for (const bytes of [0, 10, 64 * 1024, 64 * 1024 + 1, 5_000_000]) {
    it(`arrives whole: ${bytes} bytes, over a connection that is kept`, async (t) => {
      const content = patternOf(bytes);
      const { server, bench } = await uploading(t, { body: content });
      const session = bench.driver.open(0);
      for (const file of ['body', '{{ row.path }}']) {
        const scope = { row: { path: 'body' } };
        const record = await bench.run(session, request({ file }), { scope });
        assert.equal(record.outcome, 'ok');
        assert.ok(record.bytesSent > bytes && record.bytesSent < bytes + 300);
        const upload = server.uploads.at(-1)!;
        assert.deepEqual([upload.bytes, upload.sha256], [bytes, sha256(content)]);
        assert.equal(upload.headers['content-type'], 'application/octet-stream');
        assert.equal(session.usable, true);
      }
    });
  }

  it('is held in memory by the piece, however slowly the server reads', async (t) => {
    const { baseFolder, bench, server } = await uploading(t, { body: '' }, { everyMs: 1 });
    const size = 256 * MIB;
    truncateSync(join(baseFolder, 'body'), size);
    const sessions = Array.from({ length: 4 }, (_, slot) => bench.driver.open(slot));
    const before = process.memoryUsage().rss;
    const records = await Promise.all(
      sessions.map((session, slot) =>
        bench.run(session, request({ file: 'body' }, { timeoutMs: 700 }), { slot }),
      ),
    );
    const grownMib = (process.memoryUsage().rss - before) / MIB;
    assert.ok(grownMib < 64, `${grownMib} MiB more for four uploads of 256 MiB`);
    assert.ok(server.bytesRead() > MIB);
    for (const { outcome, bytesSent } of records) {
      assert.equal(outcome, 'timeout');
      assert.ok(bytesSent < size && bytesSent > 0, 'counted is what was handed over');
    }
    assert.equal((await bench.run(sessions[0]!, request(), {})).outcome, 'ok');
  });

  it('is not sent to the end when the server answers before', async (t) => {
    const { bench, server } = await scripted(
      t,
      async ({ socket, receives }) => {
        await receives('\r\n\r\n');
        socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
      },
      { baseFolder: folderOf(t, { body: Buffer.alloc(50_000_000) }) },
    );
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({ file: 'body' }));
    assert.equal(record.outcome, 'status_error');
    assert.ok(record.bytesSent < 50_000_000);
    assert.equal(session.usable, false);
    assert.equal(server.connections.length, 1);
    const { files } = (bench.driver as HttpDriver).client;
    files.close();
    while (files.openCount > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      files.close();
    }
  });

  it('that shrinks during the run interrupts the operation, and says so', async (t) => {
    const { baseFolder, bench } = await uploading(t, { body: Buffer.alloc(200_000) });
    const step = bench.compile(request({ file: 'body' }));
    truncateSync(join(baseFolder, 'body'), 1000);
    const session = bench.driver.open(0);
    await new Promise<void>((resolve) => session.execute(step.bind({}), 0, resolve));
    assert.equal(bench.record(0).outcome, 'interrupted');
    assert.deepEqual(bench.reasons(), { 'the body file body holds less than its 200000 bytes': 1 });
    assert.equal((await bench.run(session, request())).outcome, 'ok');
  });

  it('that is missing is an error of the set-up, or of the row that names it', async (t) => {
    const { bench } = await uploading(t);
    assert.throws(
      () => bench.compile(request({ file: 'missing' })),
      (error) => error instanceof LoadgenError && error.code === 'TARGET_NOT_USABLE',
    );
    const step = bench.compile(request({ file: '{{ row.path }}' }));
    for (const path of ['missing', '.']) {
      assert.throws(() => step.bind({ row: { path } }), ExpressionError);
    }
  });
});

describe('files of bodies', () => {
  it('are kept open up to a limit, and those in use beyond it', (t) => {
    const names = Array.from({ length: OPEN_FILES_LIMIT + 10 }, (_, index) => `file ${index}`);
    const folder = folderOf(t, Object.fromEntries(names.map((name) => [name, name])));
    const files = new BodyFiles(folder);
    const open = names.map((name) => files.acquire(name));
    assert.equal(files.openCount, names.length);
    for (const file of open) files.release(file);
    assert.equal(files.openCount, OPEN_FILES_LIMIT);
    files.close();
    assert.equal(files.openCount, 0);
  });
});

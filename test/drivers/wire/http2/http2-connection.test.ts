import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http2 from 'node:http2';
import { after, before, describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { HeaderField } from '../../../../src/drivers/wire/http2/hpack/static-table.ts';
import { portOf, requestFields, TestClient, type CutBytes } from './test-client.ts';

/** Answers what it was asked with Node's own HTTP/2: headers, a digest of the body, and trailers. */
function echoServer(options: http2.ServerOptions = {}): http2.Http2Server {
  const server = http2.createServer(options);
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const path = new URL(headers[':path'] as string, 'http://localhost');
    const bytes = Number(path.searchParams.get('bytes') ?? 0);
    const hash = createHash('sha256');
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      hash.update(chunk);
    });
    stream.on('end', () => {
      const echoed = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
      stream.respond(
        { ':status': 200, ...Object.fromEntries(echoed), 'a-received': received },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'a-digest': hash.digest('hex') }));
      stream.end(Buffer.alloc(bytes, 'y'));
    });
  });
  return server;
}

/** Pieces of random lengths, mostly small: the same every time. */
function cuts(seed: number): CutBytes {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return [1, 2, 3, 7, 9, 10, 64, 1000, 70_000][(state >>> 16) % 9]!;
  };
}

function field(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((candidate) => candidate.name === name)?.value;
}

describe('an HTTP/2 connection to a server of Node', () => {
  let server: http2.Http2Server;
  let port: number;
  before(async () => {
    // Node counts what it still has to send as memory that its client uses up.
    server = echoServer({ maxSessionMemory: 1000 });
    port = await portOf(server);
  });
  after(() => server.close());

  async function clientFor(t: TestContext, cutBytes?: CutBytes): Promise<TestClient> {
    const client = await new TestClient(port, cutBytes).untilReady();
    t.after(() => client.connection.destroy());
    return client;
  }

  it('has its requests read as they are, and reads answers as they are, however they are cut', async (t) => {
    const value = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', ' ', '~', '!', '"', '#', '%', '&', '*'),
      maxLength: 200,
    });
    const request = fc.record({
      same: fc.nat(2),
      varying: fc.array(
        value.map((text) => text.trim()),
        { maxLength: 3 },
      ),
      pieces: fc.array(fc.nat(40_000), { maxLength: 4 }),
      bytes: fc.constantFrom(0, 1, 100, 16_384, 16_385, 100_000),
    });
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
        const client = await clientFor(t, cuts(++seed));
        const answers = requests.map(({ same, varying, pieces, bytes }) => {
          const body = pieces.map((length, index) => Buffer.alloc(length, `part${index}`));
          const asked = client.ask({
            fields: requestFields('POST', `/?bytes=${bytes}`, [
              { name: 'x-same', value: `value ${same}` },
            ]),
            varying: varying.map((text, index) => ({ name: `x-${index}`, value: text })),
            pieces: body,
          });
          return asked.then((answer) => ({ answer, body, varying, bytes, same }));
        });
        for (const { answer, body, varying, bytes, same } of await Promise.all(answers)) {
          assert.equal(answer.failure, undefined);
          const [head, trailers] = answer.headers;
          assert.equal(field(head!, ':status'), '200');
          assert.equal(field(head!, 'x-same'), `value ${same}`);
          varying.forEach((text, index) => assert.equal(field(head!, `x-${index}`), text));
          const whole = Buffer.concat(body);
          assert.equal(field(head!, 'a-received'), String(whole.length));
          const digest = createHash('sha256').update(whole).digest('hex');
          assert.equal(field(trailers!, 'a-digest'), digest);
          assert.equal(answer.body.length, bytes);
          assert.ok(answer.doneNs > answer.sentNs);
        }
        client.connection.destroy();
      }),
      { numRuns: 25 },
    );
  });

  it('carries more than all its windows hold, both ways', async (t) => {
    const client = await clientFor(t);
    const megabytes = 70;
    const [large, small] = await Promise.all([
      client.ask({ fields: requestFields('POST', `/?bytes=${megabytes * 1e6}`) }),
      client.ask({ fields: requestFields('POST', '/'), pieces: [Buffer.alloc(5e6, 1)] }),
    ]);
    assert.equal(large.body.length, megabytes * 1e6);
    assert.equal(field(small.headers[0]!, 'a-received'), '5000000');
  });

  it('counts the frames of each stream, and those of none apart', async (t) => {
    const client = await clientFor(t);
    assert.ok(client.traffic.sentBytes > 24);
    const fields = requestFields('GET', '/?bytes=100');
    await client.ask({ fields });
    const { stream } = await client.ask({ fields });
    // The head as four indexes, which ends the stream too.
    assert.equal(stream.bytesSent, 9 + 4);
    assert.ok(stream.bytesReceived > 100 + 9 * 3);
  });

  it('sends long header blocks in several frames', async (t) => {
    const client = await clientFor(t);
    const long = 'v'.repeat(20_000);
    const { headers } = await client.ask({
      fields: requestFields('GET', '/', [{ name: 'x-long', value: long }]),
      varying: [{ name: 'x-more', value: long }],
    });
    assert.equal(field(headers[0]!, 'x-long'), long);
    assert.equal(field(headers[0]!, 'x-more'), long);
  });

  it('opens as many streams as the server allows and says so', async (t) => {
    const narrow = echoServer({ settings: { maxConcurrentStreams: 2 } });
    const client = await new TestClient(await portOf(narrow)).untilReady();
    t.after(() => {
      client.connection.destroy();
      narrow.close();
    });
    const fields = requestFields('GET', '/');
    const first = client.ask({ fields });
    assert.equal(client.connection.hasRoom, true);
    const second = client.ask({ fields });
    assert.equal(client.connection.hasRoom, false);
    await Promise.all([first, second]);
    assert.equal(client.connection.hasRoom, true);
  });

  it('tells a stream that was reset, and by which code; the others go on', async (t) => {
    const resetting = http2.createServer();
    resetting.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
      stream.on('error', () => {});
      if (headers[':path'] === '/reset') stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
      else {
        stream.respond({ ':status': 200 });
        stream.end('fine');
      }
    });
    const client = await new TestClient(await portOf(resetting)).untilReady();
    t.after(() => {
      client.connection.destroy();
      resetting.close();
    });
    const [reset, other] = await Promise.all([
      client.ask({ fields: requestFields('GET', '/reset') }),
      client.ask({ fields: requestFields('GET', '/') }),
    ]);
    assert.deepEqual([reset.failure?.kind, reset.failure?.code], ['reset', 'ENHANCE_YOUR_CALM']);
    assert.equal(other.body.toString(), 'fine');
  });

  it('has the server hear of a stream that is given up', async (t) => {
    const patient = http2.createServer();
    const code = new Promise<number>((resolve) => {
      patient.on('stream', (stream: http2.ServerHttp2Stream) => {
        stream.on('error', () => {});
        stream.on('close', () => resolve(stream.rstCode));
        stream.respond({ ':status': 200 });
        stream.write('a part');
      });
    });
    const client = await new TestClient(await portOf(patient)).untilReady();
    t.after(() => {
      client.connection.destroy();
      patient.close();
    });
    const user = {
      sent: () => {},
      headers: () => {},
      data: () => client.connection.cancel(stream),
      ended: () => assert.fail('it was given up'),
      failed: () => assert.fail('it was given up'),
    };
    const fields = requestFields('GET', '/');
    const stream = client.connection.request(
      { fields, literals: '', pieces: [], isComplete: true },
      user,
    );
    assert.equal(await code, http2.constants.NGHTTP2_CANCEL);
  });
});

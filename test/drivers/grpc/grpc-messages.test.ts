import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { ExpressionError } from '../../../src/base/expressions/expression-error.ts';
import type { GrpcRequest } from '../../../src/drivers/vocabulary/grpc/grpc-request.ts';
import type { DriverBench } from '../../support/driver-bench.ts';
import type { FixtureServer } from '../driver-fixture.ts';
import { call, FAULTS_PROTO, startFaultServer } from './fixture.ts';
import { grpcBench } from './grpc-bench.ts';
import { ScenarioFolder } from '../../scenario/support/scenario-file.ts';

const EVERYTHING = `
syntax = "proto3";
package every.v1;
import "google/protobuf/timestamp.proto";
import "shared/color.proto";
service Every { rpc Take(Thing) returns (Thing); }
message Thing {
  string some_text = 1;
  repeated float vector = 2;
  int64 big = 3;
  shared.Color color = 4;
  Thing inner = 5;
  bytes raw = 6;
  google.protobuf.Timestamp at = 7;
  map<string, int32> counts = 8;
  repeated Thing parts = 9;
  oneof choice { bool yes = 10; double much = 11; }
}
`;
const COLOR = 'syntax = "proto3"; package shared; enum Color { NONE = 0; RED = 1; }';

async function everything(t: TestContext, target: object = {}): Promise<DriverBench> {
  const folder = new ScenarioFolder(t);
  mkdirSync(join(folder.path, 'imports/shared'), { recursive: true });
  folder.write('every.proto', EVERYTHING);
  folder.write('imports/shared/color.proto', COLOR);
  const proto = [`${folder.path}/every.proto`];
  const importPaths = [`${folder.path}/imports`];
  return await grpcBench(t, {
    url: 'grpc://127.0.0.1:9',
    target: { proto, importPaths, ...target },
  });
}

const types = new protobuf.Root();
protobuf.parse(EVERYTHING.replace('import "shared/color.proto";', ''), types, { keepCase: true });
protobuf.parse(COLOR, types, { keepCase: true });
protobuf.parse(
  'syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
  types,
);
const THING = types.lookupType('every.v1.Thing');

/** What a server would read of the first message. */
function sentMessage(bench: DriverBench, message: unknown, scope: Record<string, unknown> = {}) {
  const step = { verb: 'call', spec: { method: 'every.v1.Every/Take', message } };
  const { pieces } = bench.compile(step).bind(scope) as GrpcRequest;
  const bytes = Buffer.concat(pieces);
  assert.equal(bytes.readUInt32BE(1), bytes.length - 5);
  return {
    bytes,
    read: THING.toObject(THING.decode(bytes.subarray(5)), {
      enums: String,
      longs: String,
      bytes: String,
    }),
  };
}

describe('the message of a call', () => {
  it('is what a protobuf library reads, whether it is made ahead or of a row', async (t) => {
    const bench = await everything(t);
    const expected = {
      some_text: 'naïve 東京',
      vector: [0.5, -2],
      big: '9007199254740993',
      color: 'RED',
      inner: { some_text: 'within', yes: true },
      raw: 'aGk=',
      at: { seconds: '1577836800', nanos: 5000000 },
      counts: { a: 1, b: 2 },
      parts: [{ some_text: 'one' }, { some_text: 'two', much: 0.25 }],
    };
    const constant = {
      some_text: 'naïve 東京',
      vector: [0.5, -2],
      big: '9007199254740993',
      color: 'RED',
      inner: { some_text: 'within', yes: true },
      raw: 'aGk=',
      at: '2020-01-01T00:00:00.005Z',
      counts: { a: 1, b: 2 },
      parts: [{ some_text: 'one' }, { some_text: 'two', much: 0.25 }],
    };
    assert.deepEqual(sentMessage(bench, constant).read, expected);
    const templates = {
      some_text: 'naïve {{ row.city }}',
      vector: '{{ row.vector }}',
      big: '{{ row.big }}',
      color: '{{ row.color }}',
      inner: { some_text: '{{ row.word }}in', yes: true },
      raw: '{{ row.raw }}',
      at: '{{ row.at }}',
      counts: { a: 1, b: '{{ row.two }}' },
      parts: [{ some_text: 'one' }, { some_text: '{{ row.second }}', much: '{{ row.much }}' }],
    };
    const row = {
      city: '東京',
      vector: Float32Array.of(0.5, -2),
      big: 9007199254740993n,
      color: 'RED',
      word: 'with',
      raw: Buffer.from('hi'),
      at: '2020-01-01T00:00:00.005Z',
      two: 2,
      second: 'two',
      much: 0.25,
    };
    assert.deepEqual(sentMessage(bench, templates, { row }).read, expected);
    assert.deepEqual(sentMessage(bench, '{{ row }}', { row: constant }).read, expected);
  });

  it('takes the names of fields as the proto file has them or as JSON does', async (t) => {
    const bench = await everything(t);
    assert.deepEqual(sentMessage(bench, { someText: 'x' }).read, { some_text: 'x' });
    assert.deepEqual(sentMessage(bench, undefined).read, {});
  });

  it('is the same bytes each time where nothing in it changes', async (t) => {
    const bench = await everything(t);
    const step = { verb: 'call', spec: { method: 'every.v1.Every/Take', message: { big: 5 } } };
    const operation = bench.compile(step);
    const [first, second] = [operation.bind({}), operation.bind({})] as [GrpcRequest, GrpcRequest];
    assert.equal(first.pieces, second.pieces);
  });

  it('is refused before the load where it does not fit its method', async (t) => {
    const bench = await everything(t);
    const refusals: readonly (readonly [spec: object, reason: RegExp])[] = [
      [{ method: 'every.v1.Every/Nothing' }, /has no method Nothing; it has Take/],
      [{ method: 'every.v1.Other/Take' }, /every\.v1\.Other/],
      [
        { method: 'every.v1.Every/Take', message: { nope: 1 } },
        /has no field nope; it has some_text/,
      ],
      [{ method: 'every.v1.Every/Take', message: { inner: { nope: 1 } } }, /nope/],
      [{ method: 'every.v1.Every/Take', message: { big: 'many' } }, /many|int64/],
      [{ method: 'every.v1.Every/Take', message: { color: 'PINK' } }, /PINK/],
      [{ method: 'every.v1.Every/Take', message: [1] }, /a map of its fields/],
      [{ method: 'every.v1.Every/Take', messages: [{}] }, /takes one message/],
    ];
    for (const [spec, reason] of refusals) {
      assert.throws(() => bench.compile({ verb: 'call', spec }), {
        code: 'TARGET_NOT_USABLE',
        message: reason,
      });
    }
  });

  it('tells which template a row broke', async (t) => {
    const bench = await everything(t);
    const step = {
      verb: 'call',
      spec: { method: 'every.v1.Every/Take', message: { big: '{{ row.big }}' } },
    };
    const operation = bench.compile(step);
    assert.throws(
      () => operation.bind({ row: { big: 'many' } }),
      (error) => error instanceof ExpressionError && error.text === '{{ row.big }}',
    );
  });

  it('is compressed where the target says so, and refused above the limit', async (t) => {
    const bench = await everything(t, { compression: 'gzip', limits: { send: '1KiB' } });
    const step = (text: string) => ({
      verb: 'call',
      spec: { method: 'every.v1.Every/Take', message: { some_text: text } },
    });
    const { pieces } = bench.compile(step('x'.repeat(900))).bind({}) as GrpcRequest;
    const [framed] = pieces;
    assert.equal(framed![0], 1);
    const message = THING.toObject(THING.decode(gunzipSync(framed!.subarray(5))));
    assert.equal(message['some_text'], 'x'.repeat(900));
    assert.ok(framed!.length < 100);
    assert.throws(() => bench.compile(step('x'.repeat(1100))), /limits\.send is 1024/);
  });
});

describe('a call', () => {
  let server: FixtureServer;
  before(async () => (server = await startFaultServer()));
  after(() => server.stop());

  const benchFor = (t: TestContext, others: object = {}, target: object = {}) =>
    grpcBench(t, {
      url: server.url(server.port),
      target: { proto: [FAULTS_PROTO], ...target },
      ...others,
    });

  it('gives code, message, metadata and trailers to expressions', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const reads = ['code', 'message', 'metadata', 'trailers', 'statusMessage'];
    await bench.run(session, { ...call({ text: 'hello' }), reads });
    const { code, message, metadata, trailers, statusMessage } = session.result;
    assert.deepEqual([code, statusMessage], ['OK', '']);
    assert.deepEqual(message, { text: 'hello', padding: Buffer.alloc(0), number: 1 });
    assert.equal((metadata as Record<string, string>)['x-from'], 'faults');
    assert.equal((trailers as Record<string, string>)['x-after'], 'it');
    await bench.run(session, { ...call({ text: 'x', fault: 'code 5' }), reads });
    assert.equal(session.result['code'], 'NOT_FOUND');
    assert.equal(session.result['statusMessage'], 'told so –');
    assert.equal(session.result['message'], undefined);
  });

  it('reads a compressed answer', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const step = { ...call({ text: 'zipped', fault: 'gzip' }), reads: ['message'] };
    assert.equal((await bench.run(session, step)).outcome, 'ok');
    assert.equal((session.result['message'] as { text: string }).text, 'zipped');
  });

  it('carries streams of each kind, and counts and times their messages', async (t) => {
    const bench = await benchFor(t);
    const session = bench.driver.open(0);
    const stream = { ...call({ text: 's', count: 20 }, 'Stream'), reads: ['messages'] };
    const record = await bench.run(session, stream);
    const messages = session.result['messages'] as readonly { number: number }[];
    assert.deepEqual(
      messages.map(({ number }) => number),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    assert.equal(bench.slots.counts[0]![0], 20);
    assert.equal(bench.slots.samples[0]!.count(0), 19);
    assert.ok(record.phases['first_message_time']! <= record.done - record.sent);
    const several = { messages: [{ text: 'a' }, { text: '{{ row.b }}' }] };
    const collect = {
      verb: 'call',
      spec: { method: 'faults.v1.Faults/Collect', ...several },
      reads: ['message'],
    };
    await bench.run(session, collect, { scope: { row: { b: 'b' } } });
    assert.deepEqual([(session.result['message'] as { text: string }).text], ['a b']);
    const chat = {
      verb: 'call',
      spec: { method: '/faults.v1.Faults/Chat', messages: '{{ row.list }}' },
      reads: ['messages'],
    };
    await bench.run(session, chat, {
      scope: { row: { list: [{ text: 'x' }, { text: 'y' }, {}] } },
    });
    assert.deepEqual(
      (session.result['messages'] as readonly { text: string }[]).map(({ text }) => text),
      ['x', 'y', ''],
    );
    const none = { ...call({ text: 's', count: 0 }, 'Stream'), reads: ['messages'] };
    assert.equal((await bench.run(session, none)).outcome, 'ok');
    assert.deepEqual(session.result['messages'], []);
  });

  it('shares connections where the target says how many, many calls on each', async (t) => {
    const before = await server.connectionsAccepted();
    const bench = await benchFor(t, { connections: 2 });
    const sessions = Array.from({ length: 40 }, (_, slot) => bench.driver.open(slot));
    assert.ok((await Promise.all(sessions.map((session) => session.connect()))).every(Boolean));
    for (let round = 0; round < 5; round++) {
      const records = await Promise.all(
        sessions.map((session, slot) =>
          bench.run(session, { ...call({ text: `text ${slot}` }), reads: ['message'] }, { slot }),
        ),
      );
      assert.ok(records.every(({ outcome }) => outcome === 'ok'));
      sessions.forEach((session, slot) => {
        assert.equal((session.result['message'] as { text: string }).text, `text ${slot}`);
      });
    }
    assert.equal(bench.driver.openConnections!(), 2);
    assert.equal((await server.connectionsAccepted()) - before, 3);
  });

  it('waits for a stream where a connection carries only so many, first come, first served', async (t) => {
    const bench = await benchFor(t, { connections: 1 }, { streamsPerConnection: 2 });
    const sessions = Array.from({ length: 8 }, (_, slot) => bench.driver.open(slot));
    await sessions[0]!.connect();
    const records = await Promise.all(
      sessions.map((session, slot) =>
        bench.run(session, call({ text: 'x', delay_ms: 20 }), { slot }),
      ),
    );
    assert.deepEqual(
      records.map(({ outcome }) => outcome),
      sessions.map(() => 'ok'),
    );
    const granted = records.map((record) => record.granted);
    assert.deepEqual(
      granted,
      granted.toSorted((a, b) => a - b),
    );
    assert.ok(granted[7]! - granted[0]! >= 3 * 20e6, 'three rounds came before the last two');
  });

  it('loses the calls of a shared connection with it, and the next ones open another', async (t) => {
    const bench = await benchFor(t, { connections: 1 });
    const sessions = [bench.driver.open(0), bench.driver.open(1)];
    await sessions[0]!.connect();
    const silent = bench.run(sessions[1]!, call({ text: 'x', fault: 'silence' }), { slot: 1 });
    const closed = await bench.run(sessions[0]!, call({ text: 'x', fault: 'close' }));
    assert.deepEqual(
      [closed.outcome, (await silent).outcome],
      ['connection_lost', 'connection_lost'],
    );
    assert.equal((await bench.run(sessions[1]!, call({ text: 'x' }), { slot: 1 })).outcome, 'ok');
  });

  it('keeps the connection when a call is given up, and others go on', async (t) => {
    const bench = await benchFor(t, { connections: 1 });
    const sessions = [bench.driver.open(0), bench.driver.open(1)];
    await sessions[0]!.connect();
    const slow = bench.run(sessions[1]!, call({ text: 'x', delay_ms: 100 }), { slot: 1 });
    const late = await bench.run(sessions[0]!, {
      ...call({ text: 'x', fault: 'silence' }),
      timeoutMs: 30,
    });
    assert.equal(late.outcome, 'timeout');
    assert.equal((await slow).outcome, 'ok');
  });
});

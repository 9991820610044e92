import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { ScenarioFolder } from '../../scenario/support/scenario-file.ts';
import type { FixtureServer } from '../driver-fixture.ts';
import { startFaultServer } from './fixture.ts';
import { grpcBench } from './grpc-bench.ts';
import { grpcPython, skipWithoutGrpcPython } from './grpc-python/environment.ts';

/** Messages of the fault server, in two files, with all that a descriptor has to carry over. */
const SERVICE = `
syntax = "proto3";
package faults.v1;
import "shared/reply.proto";
service Faults {
  rpc Call(Request) returns (shared.Reply);
  rpc Chat(stream Request) returns (stream shared.Reply);
}
message Request {
  string text = 1;
  optional int32 delay_ms = 3;
  int32 bytes = 4;
  oneof others { int32 count = 5; Kind kind = 6; }
  map<string, int64> counts = 7;
  enum Kind { NONE = 0; ODD = 1; }
}
`;
const REPLY = `
syntax = "proto3";
package shared;
message Reply { string text = 1; bytes padding = 2; int32 number = 3; }
`;

function protoFiles(t: TestContext): string {
  const folder = new ScenarioFolder(t);
  folder.write('service.proto', SERVICE);
  mkdirSync(join(folder.path, 'shared'));
  folder.write('shared/reply.proto', REPLY);
  return folder.path;
}

const WRITERS: Record<string, { skip: string | false; write(folder: string): string }> = {
  protobufjs: {
    skip: false,
    write(folder) {
      const root = new protobuf.Root();
      root.resolvePath = (_, target) => join(folder, target);
      root.loadSync('service.proto', { keepCase: true }).resolveAll();
      const set = root.toDescriptor('proto3');
      const file = join(folder, 'services.protoset');
      writeFileSync(file, descriptor.FileDescriptorSet.encode(set).finish());
      return file;
    },
  },
  protoc: {
    skip: skipWithoutGrpcPython,
    write(folder) {
      const file = join(folder, 'services.protoset');
      const out = ['--include_imports', '--include_source_info', `--descriptor_set_out=${file}`];
      const args = ['-m', 'grpc_tools.protoc', `-I${folder}`, ...out, 'service.proto'];
      execFileSync(grpcPython!, args);
      return file;
    },
  },
};

describe('a protoset', () => {
  let server: FixtureServer;
  before(async () => (server = await startFaultServer()));
  after(() => server.stop());

  for (const [writer, { skip, write }] of Object.entries(WRITERS)) {
    for (const client of ['raw', 'sdk']) {
      it(`of ${writer} is all that client: ${client} needs`, { skip }, async (t) => {
        const protoset = write(protoFiles(t));
        const bench = await grpcBench(t, {
          url: server.url(server.port),
          target: { client, protoset },
        });
        const session = bench.driver.open(0);
        const run = async (method: string, spec: object): Promise<string> => {
          const step = { verb: 'call', spec: { method: `faults.v1.Faults/${method}`, ...spec } };
          return (await bench.run(session, { ...step, reads: ['messages', 'code'] })).outcome;
        };
        const message = { text: 'naïve', bytes: 3, delay_ms: 0, kind: 'ODD', counts: { a: '7' } };
        assert.equal(await run('Call', { message }), 'ok');
        const [reply] = session.result['messages'] as [Record<string, unknown>];
        assert.deepEqual([reply['text'], String(reply['padding'])], ['naïve', 'ppp']);
        assert.equal(await run('Chat', { messages: [{ text: 'a' }, { text: 'b' }] }), 'ok');
        const replies = session.result['messages'] as { text: string; number: number }[];
        assert.deepEqual(
          replies.map(({ text, number }) => [text, number]),
          [
            ['a', 1],
            ['b', 2],
          ],
        );
        await assert.rejects(run('Call', { message: { texts: 'x' } }), /texts/);
        await assert.rejects(run('Gone', { message: {} }), /Gone/);
      });
    }
  }

  it('that is none, or lacks what it imports, says so before any load', async (t) => {
    const folder = new ScenarioFolder(t);
    const url = server.url(server.port);
    writeFileSync(join(folder.path, 'text.protoset'), SERVICE);
    const refused = async (protoset: string): Promise<void> => {
      const target = { protoset: join(folder.path, protoset) };
      const coded = { code: 'TARGET_NOT_USABLE' };
      await assert.rejects(grpcBench(t, { url, target }), coded);
    };
    await refused('text.protoset');
    await refused('missing.protoset');
    const root = protobuf.Root.fromJSON({ nested: { a: { nested: { M: { fields: {} } } } } });
    const set = root.toDescriptor('proto3') as unknown as {
      file: { messageType: { field: object[] }[] }[];
    };
    const field = { name: 'm', number: 1, label: 1, type: 11, typeName: '.elsewhere.N' };
    set.file[0]!.messageType[0]!.field.push(field);
    const bytes = descriptor.FileDescriptorSet.encode(set).finish();
    writeFileSync(join(folder.path, 'short.protoset'), bytes);
    await refused('short.protoset');
  });
});

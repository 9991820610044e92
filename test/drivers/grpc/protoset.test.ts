import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import protobuf from 'protobufjs';
// Gives `toDescriptor` to the roots of protobufjs.
import descriptor from 'protobufjs/ext/descriptor.js';
import { temporaryFolder } from '../../support/run-loadgen.ts';
import type { FixtureServer } from '../driver-fixture.ts';
import { call, FAULTS_PROTO, startFaultServer } from './fixture.ts';
import { grpcBench } from './grpc-bench.ts';

/** A file as `protoc --descriptor_set_out --include_imports` writes it. */
async function protosetOf(root: protobuf.Root): Promise<string> {
  root.resolveAll();
  const set = (root as unknown as { toDescriptor(syntax: string): protobuf.Message }).toDescriptor(
    'proto3',
  );
  const file = join(temporaryFolder(), 'services.protoset');
  writeFileSync(file, descriptor.FileDescriptorSet.encode(set).finish());
  return file;
}

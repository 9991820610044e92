import type { Scope } from '../../base/expressions/template.ts';
import type { DriverContext, PreparedOperation, VerbUse } from '../driver.ts';
import { GRPC_PHASES } from '../vocabulary/grpc/grpc-phases.ts';
import { LazyClient } from '../vocabulary/vectors/lazy-client.ts';
import { RawGrpcPath, type CallMaker } from '../vocabulary/vectors/raw-grpc-path.ts';
import type { RawGrpcRequest } from '../vocabulary/vectors/raw-grpc-session.ts';
import {
  compileDelete,
  compileSearch,
  compileWrite,
  type SearchSettings,
} from '../vocabulary/vectors/vector-calls.ts';
import { VectorDriver } from '../vocabulary/vectors/vector-driver.ts';
import { metadataOf, type MilvusTargetOptions } from './milvus-config.ts';
import {
  deleteMessage,
  failureIn,
  foundIn,
  searchHead,
  searchMessage,
  writeMessage,
} from './milvus-messages.ts';

const SERVICE = 'milvus.proto.milvus.MilvusService';

/** Milvus: the measured path as gRPC over sockets of our own, or all of it through its SDK. */
export function milvusDriver(context: DriverContext): VectorDriver {
  const options = context.options as Partial<MilvusTargetOptions>;
  const client = new LazyClient(async () => {
    const { MilvusSdkClient } = await import('./sdk/milvus-client.ts');
    return new MilvusSdkClient(context);
  });
  const raw =
    options.client === 'sdk'
      ? undefined
      : new RawGrpcPath(context, metadataOf(options), (call) => ({
          compile: (use) => compile(use, call),
        }));
  return new VectorDriver(context, { client, raw, readyPhases: GRPC_PHASES.length });
}

function compile(use: VerbUse, call: CallMaker): PreparedOperation | undefined {
  switch (use.verb) {
    case 'search':
      return { bind: search(use, call) };
    case 'ingest':
      return { bind: write(use, call, 'Insert') };
    case 'update':
      return { bind: write(use, call, 'Upsert') };
    case 'delete':
      return { bind: deletion(use, call) };
    default:
      return undefined;
  }
}

function search(use: VerbUse, call: CallMaker): (scope: Scope) => RawGrpcRequest {
  const bind = compileSearch(use);
  const request = call(use, `${SERVICE}/Search`);
  let last: { readonly settings: SearchSettings; readonly head: Buffer } | undefined;
  return (scope) => {
    const asked = bind(scope);
    const { settings } = asked;
    if (last?.settings !== settings) last = { settings, head: searchHead(settings) };
    return {
      grpc: request(searchMessage(last.head, asked)),
      failure: failureIn,
      read: (message) => ({ found: foundIn(message, settings) }),
    };
  };
}

function write(
  use: VerbUse,
  call: CallMaker,
  method: 'Insert' | 'Upsert',
): (scope: Scope) => RawGrpcRequest {
  const bind = compileWrite(use);
  const request = call(use, `${SERVICE}/${method}`);
  return (scope) => {
    const rows = bind(scope);
    const read = () => ({ count: rows.ids.length });
    return { grpc: request(writeMessage(rows)), failure: failureIn, read };
  };
}

function deletion(use: VerbUse, call: CallMaker): (scope: Scope) => RawGrpcRequest {
  const bind = compileDelete(use);
  const request = call(use, `${SERVICE}/Delete`);
  return (scope) => ({
    grpc: request(deleteMessage(bind(scope))),
    failure: failureIn,
    read: () => ({}),
  });
}

import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { DriverContext, PreparedOperation, VerbUse } from '../driver.ts';
import { GRPC_PHASES } from '../vocabulary/grpc/grpc-phases.ts';
import { LazyClient } from '../vocabulary/vectors/lazy-client.ts';
import { RawGrpcPath, type CallMaker } from '../vocabulary/vectors/raw-grpc-path.ts';
import type { RawGrpcRequest } from '../vocabulary/vectors/raw-grpc-session.ts';
import {
  compileSearch,
  compileWrite,
  type SearchSettings,
} from '../vocabulary/vectors/vector-calls.ts';
import { VectorDriver } from '../vocabulary/vectors/vector-driver.ts';
import { grpcUrlOf, metadataOf, type WeaviateTargetOptions } from './weaviate-config.ts';
import {
  batchError,
  batchMessage,
  foundIn,
  searchHead,
  searchMessage,
} from './weaviate-messages.ts';

/** Weaviate: the measured path as gRPC over sockets of our own, or all of it through its client. */
export function weaviateDriver(context: DriverContext): VectorDriver {
  const options = context.options as Partial<WeaviateTargetOptions>;
  const client = new LazyClient(async () => {
    const { connectWeaviate } = await import('./sdk/weaviate-client.ts');
    return connectWeaviate(context);
  });
  const raw = options.client === 'sdk' ? undefined : rawPath(context, options);
  return new VectorDriver(context, { client, raw, readyPhases: GRPC_PHASES.length });
}

function rawPath(context: DriverContext, options: Partial<WeaviateTargetOptions>): RawGrpcPath {
  const place = { ...context, url: grpcUrlOf(context.url, options) };
  return new RawGrpcPath(place, metadataOf(options), (call) => ({
    compile(use) {
      if (use.verb === 'search') return search(use, call);
      if (use.verb === 'ingest' || use.verb === 'update') return write(use, call);
      return undefined;
    },
  }));
}

function search(use: VerbUse, call: CallMaker): PreparedOperation {
  const bind = compileSearch(use);
  const request = call(use, 'weaviate.v1.Weaviate/Search');
  let last: { readonly settings: SearchSettings; readonly head: Buffer } | undefined;
  return {
    bind(scope): RawGrpcRequest {
      const asked = bind(scope);
      const { settings } = asked;
      if (last?.settings !== settings) last = { settings, head: searchHead(settings) };
      return {
        grpc: request(searchMessage(last.head, asked)),
        read: (message) => ({ found: foundIn(message, settings) }),
      };
    },
  };
}

/** A batch writes over rows that are there already: `ingest` and `update` are one. */
function write(use: VerbUse, call: CallMaker): PreparedOperation {
  const bind = compileWrite(use);
  const request = call(use, 'weaviate.v1.Weaviate/BatchObjects');
  return {
    bind(scope): RawGrpcRequest {
      const rows = bind(scope);
      return {
        grpc: request(batchMessage(rows)),
        failure(message) {
          const reason = batchError(message);
          return reason === undefined ? undefined : { outcome: OUTCOME.status_error, reason };
        },
        read: () => ({ count: rows.ids.length }),
      };
    },
  };
}

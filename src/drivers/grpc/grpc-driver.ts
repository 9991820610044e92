import type { Root } from 'protobufjs';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { Scope } from '../../base/expressions/template.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { GrpcClient } from '../vocabulary/grpc/grpc-client.ts';
import {
  callFields,
  type GrpcOperation,
  type GrpcRequest,
} from '../vocabulary/grpc/grpc-request.ts';
import { callMessages, decoderOf } from './grpc-call.ts';
import type { GrpcCallSpec, GrpcTargetOptions } from './grpc-config.ts';
import { metadataTemplate } from './grpc-metadata-fields.ts';
import { methodOf } from './grpc-method.ts';

/** The raw gRPC client: any method of any service whose definitions it has. */
export class GrpcDriver implements Driver {
  readonly #client: GrpcClient;
  readonly #root: Root;
  readonly #name: string;
  readonly #options: GrpcTargetOptions;

  constructor(context: DriverContext, root: Root) {
    this.#options = context.options as GrpcTargetOptions;
    this.#name = context.name;
    this.#root = root;
    const { limits, streamsPerConnection } = this.#options;
    const receiveLimitBytes = limits.receive;
    this.#client = new GrpcClient(context, { receiveLimitBytes, streamsPerConnection });
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    const spec = use.spec as GrpcCallSpec;
    const { compression: encoding, limits, metadata: ofTarget = {} } = this.#options;
    const method = methodOf(this.#root, spec.method, this.#name);
    const context = { target: this.#name, method, encoding, sendLimitBytes: limits.send };
    const messages = callMessages(use, context);
    const metadata = metadataTemplate(use, { ...ofTarget, ...spec.metadata });
    const { authority, isSecure } = this.#client.place;
    const operation: GrpcOperation = {
      timeoutNs: use.timeoutMs * NS_PER_MS,
      fields: callFields({
        authority,
        isSecure,
        method: method.path,
        timeoutMs: use.timeoutMs,
        encoding,
        metadata: metadata.constant,
      }),
      streamsAnswers: method.streamsAnswers,
      keepsMessages: use.fieldsRead.has('message') || use.fieldsRead.has('messages'),
      decode: decoderOf(method.response),
    };
    return {
      bind: (scope: Scope): GrpcRequest => ({
        operation,
        literals: metadata.literals(scope),
        pieces: messages(scope),
      }),
    };
  }

  open(slot: number): Session {
    return this.#client.open(slot);
  }

  openConnections(): number {
    return this.#client.openConnections();
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#client.reasons.counts;
  }

  close(): void {
    this.#client.close();
  }
}

import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { framedMessage } from '../../wire/grpc/message-frame.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import { GrpcClient } from '../grpc/grpc-client.ts';
import { callFields, type GrpcOperation, type GrpcRequest } from '../grpc/grpc-request.ts';
import { RawGrpcSession } from './raw-grpc-session.ts';
import type { RawPath } from './vector-driver.ts';

/** What differs between databases that are reached over gRPC. */
export interface GrpcVerbs {
  /** Undefined for a verb that is left to the client. */
  compile(use: VerbUse): PreparedOperation | undefined;
}

/** Makes the calls of one step: the same method with another message each time. */
export type CallMaker = (use: VerbUse, method: string) => (message: Buffer) => GrpcRequest;

/** The measured path over the gRPC client that several drivers share. */
export class RawGrpcPath implements RawPath {
  readonly #client: GrpcClient;
  readonly #context: DriverContext;
  readonly #verbs: GrpcVerbs;

  /** `metadata` goes with every call. */
  constructor(
    context: DriverContext,
    metadata: readonly HeaderField[],
    verbs: (call: CallMaker) => GrpcVerbs,
  ) {
    this.#context = context;
    this.#client = new GrpcClient(context, { failureWords });
    this.#verbs = verbs((use, method) => this.#calls(use, { method, metadata }));
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation | undefined {
    return this.#verbs.compile(use);
  }

  open(slot: number): Session {
    const { slots } = this.#context;
    const { reasons } = this.#client;
    return new RawGrpcSession({ grpc: this.#client.open(slot), slots, reasons });
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

  #calls(
    { timeoutMs }: VerbUse,
    { method, metadata }: { readonly method: string; readonly metadata: readonly HeaderField[] },
  ): (message: Buffer) => GrpcRequest {
    const { authority, isSecure } = this.#client.place;
    const operation: GrpcOperation = {
      timeoutNs: timeoutMs * NS_PER_MS,
      fields: callFields({ authority, isSecure, method, timeoutMs, metadata }),
      streamsAnswers: false,
      keepsMessages: true,
    };
    return (message) => ({ operation, literals: '', pieces: [framedMessage(message)] });
  }
}

/** Without ids that differ between requests. */
function failureWords(message: string): string {
  return message.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{9,}/g, '…').slice(0, 200);
}

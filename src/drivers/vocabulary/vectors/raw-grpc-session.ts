import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import type { FailureReasons } from '../failure-reasons.ts';
import type { GrpcRequest } from '../grpc/grpc-request.ts';
import type { GrpcSession } from '../grpc/grpc-session.ts';
import type { Failure } from './vector-client.ts';
import { VectorResult, type VectorAnswer } from './vector-result.ts';

/** A call over our own sockets, and how its answer is read. */
export interface RawGrpcRequest {
  readonly grpc: GrpcRequest;
  /** What the message itself says of a failure, where the status of the call says that it went well. */
  failure?(message: Buffer): Failure | undefined;
  read(message: Buffer): VectorAnswer;
}

export interface RawGrpcSessionParts {
  readonly grpc: GrpcSession;
  readonly slots: OperationSlots;
  readonly reasons: FailureReasons;
}

/** A session of the gRPC client whose answers are read as those of a vector database. */
export class RawGrpcSession implements Session {
  readonly #parts: RawGrpcSessionParts;
  readonly #result = new VectorResult();
  #request: RawGrpcRequest | undefined;
  #slot = 0;
  #ended: () => void = () => {};

  constructor(parts: RawGrpcSessionParts) {
    this.#parts = parts;
  }

  get usable(): boolean {
    return this.#parts.grpc.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#parts.grpc.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    this.#request = given as RawGrpcRequest;
    this.#slot = slot;
    this.#ended = ended;
    this.#result.clear();
    this.#parts.grpc.execute(this.#request.grpc, slot, this.#answered);
  }

  abort(slot: number, outcome: number): void {
    this.#parts.grpc.abort(slot, outcome);
  }

  close(): void {
    this.#parts.grpc.close();
  }

  readonly #answered = (): void => {
    const { slots, grpc, reasons } = this.#parts;
    const request = this.#request!;
    const [message] = grpc.answer.kept;
    if (slots.outcome[this.#slot] === OUTCOME.ok && message !== undefined) {
      const failure = failureIn(request, message);
      if (failure === undefined) this.#result.fillLater(() => request.read(message));
      else {
        reasons.count(failure.reason);
        slots.outcome[this.#slot] = failure.outcome;
      }
    }
    this.#ended();
  };
}

function failureIn(request: RawGrpcRequest, message: Buffer): Failure | undefined {
  try {
    return request.failure?.(message);
  } catch {
    return { outcome: OUTCOME.protocol_error, reason: 'an answer that is no message' };
  }
}

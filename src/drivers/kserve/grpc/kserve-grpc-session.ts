import type { Session } from '../../driver.ts';
import type { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import type { GrpcSession } from '../../vocabulary/grpc/grpc-session.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { GrpcAnswers } from './grpc-answers.ts';

/** A session over gRPC whose answers are tensors. */
export class KserveGrpcSession implements Session {
  readonly #inner: GrpcSession;
  readonly #answers: GrpcAnswers;
  readonly result: Readonly<Record<string, unknown>>;

  constructor(client: GrpcClient, slots: OperationSlots, slot: number) {
    this.#answers = new GrpcAnswers({ slots, reasons: client.reasons });
    this.#inner = client.open(slot, this.#answers);
    this.result = resultOf(this.#inner, this.#answers);
  }

  get usable(): boolean {
    return this.#inner.usable;
  }

  connect(): Promise<boolean> {
    return this.#inner.connect();
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    this.#answers.clear();
    this.#inner.execute(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#inner.abort(slot, outcome);
  }

  close(): void {
    this.#inner.close();
  }
}

/** Each field is read from the answer when an expression asks for it. */
function resultOf(
  { answer }: GrpcSession,
  answers: GrpcAnswers,
): Readonly<Record<string, unknown>> {
  return {
    get code() {
      return answer.code;
    },
    get outputs() {
      return answers.outputs;
    },
    get responses() {
      return answers.responses;
    },
    get parameters() {
      return answers.parameters;
    },
    get error() {
      const isError = answer.code !== undefined && answer.code !== 'OK';
      return answers.streamError ?? (isError ? answer.statusMessage : undefined);
    },
  };
}

import type { Session } from '../../driver.ts';
import type { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import type { GrpcSession } from '../../vocabulary/grpc/grpc-session.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { KserveSession } from '../kserve-session.ts';
import { GrpcAnswers } from './grpc-answers.ts';

/** A session over gRPC whose answers are tensors. */
export function openGrpcSession(client: GrpcClient, slots: OperationSlots, slot: number): Session {
  const answers = new GrpcAnswers({ slots, reasons: client.reasons });
  const inner = client.open(slot, answers);
  return new KserveSession(inner, answers, resultOf(inner, answers));
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

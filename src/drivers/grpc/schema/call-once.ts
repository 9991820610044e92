import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { DriverContext } from '../../driver.ts';
import { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import { GRPC_COUNTERS, GRPC_PHASES, GRPC_SAMPLED } from '../../vocabulary/grpc/grpc-phases.ts';
import { callFields, type GrpcRequest } from '../../vocabulary/grpc/grpc-request.ts';
import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';
import { framedMessage } from '../../wire/grpc/message-frame.ts';
import type { GrpcTargetOptions } from '../grpc-config.ts';
import { constantMetadata } from '../grpc-metadata-fields.ts';

/** For questions before the load. */
const TIMEOUT_MS = 10_000;

export interface SingleAnswer {
  readonly code: GrpcCode | undefined;
  readonly messages: readonly Buffer[];
  /** Why there is no answer, or a bad one. */
  readonly reason: string;
}

/**
 * One call over a connection of its own, outside of any load. Throws TARGET_UNREACHABLE where
 * nobody answers.
 */
export async function callOnce(
  context: DriverContext,
  call: { readonly method: string; readonly messages: readonly Uint8Array[] },
): Promise<SingleAnswer> {
  const slots = new OperationSlots(1, GRPC_PHASES.length, {
    counts: GRPC_COUNTERS.length,
    samples: GRPC_SAMPLED.length,
  });
  const client = new GrpcClient({ ...context, slots, connection: 'perVu', connections: undefined });
  const session = client.open(0);
  try {
    slots.acquired[0] = context.clock.nowNs();
    const request = requestOf(client, context, call);
    await new Promise<void>((resolve) => session.execute(request, 0, resolve));
    const { code, kept, statusMessage = '' } = session.answer;
    const [failure = 'no answer'] = client.reasons.counts.keys();
    if (slots.outcome[0] === OUTCOME.connect_failed) {
      const { name: target, url } = context;
      throw new LoadgenError('TARGET_UNREACHABLE', { target, url, reason: failure });
    }
    const reason = code === undefined ? failure : `${code}: ${statusMessage}`;
    return { code, messages: [...kept], reason };
  } finally {
    client.close();
  }
}

function requestOf(
  client: GrpcClient,
  context: DriverContext,
  call: { readonly method: string; readonly messages: readonly Uint8Array[] },
): GrpcRequest {
  const { authority, isSecure } = client.place;
  const { metadata = {} } = context.options as Partial<GrpcTargetOptions>;
  const fields = callFields({
    authority,
    isSecure,
    method: call.method,
    timeoutMs: TIMEOUT_MS,
    metadata: constantMetadata(metadata),
  });
  const timeoutNs = TIMEOUT_MS * NS_PER_MS;
  const operation = { timeoutNs, fields, streamsAnswers: true, keepsMessages: true };
  const pieces = call.messages.map((message) => framedMessage(message));
  return { operation, literals: '', pieces };
}

import { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { SlotSamples } from '../../../measure/metrics/slot-samples.ts';
import {
  CONNECT_TIME,
  GRPC_COUNTERS,
  GRPC_PHASES,
  GRPC_SAMPLED,
  TLS_TIME,
} from '../../vocabulary/grpc/grpc-phases.ts';
import * as http from '../../vocabulary/http/http-phases.ts';

/**
 * The slots as the gRPC client is to see them. Its times of connections are those that HTTP has
 * too; its metrics of messages are not: this driver times responses itself, and a response is not
 * the same as a message.
 */
export function slotsOfGrpc(slots: OperationSlots): OperationSlots {
  const phases: Float64Array[] = GRPC_PHASES.map(() => new Float64Array(slots.count));
  phases[CONNECT_TIME] = slots.phases[http.CONNECT_TIME]!;
  phases[TLS_TIME] = slots.phases[http.TLS_TIME]!;
  const unread = {
    phases,
    counts: GRPC_COUNTERS.map(() => new Float64Array(slots.count)),
    samples: GRPC_SAMPLED.map(() => new UnreadSamples(0)),
  };
  return Object.assign(Object.create(OperationSlots.prototype) as OperationSlots, slots, unread);
}

class UnreadSamples extends SlotSamples {
  override add(): void {
    // Nobody takes them over, so they would pile up.
  }
}

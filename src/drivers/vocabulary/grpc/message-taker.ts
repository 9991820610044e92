import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';
import type { GrpcRequest } from './grpc-request.ts';

/**
 * Reads the messages of one session while they come, for drivers to which an answer is more than
 * its status: one session calls it for one operation after another.
 */
export interface MessageTaker {
  /** `request` is about to be sent for the operation in `slot`. */
  begin(request: GrpcRequest, slot: number, grantedNs: number): void;
  /**
   * A whole message, decompressed, and the stamp of the read callback that delivered its last
   * byte. The bytes are gone when this returns. False: the rest is not worth waiting for, and the
   * call is cancelled; `judge` is asked next.
   */
  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean;
  /**
   * The answer is complete, or was given up by `take`: its outcome, where `outcome` is what its
   * status says. Counts why, unless that is the status.
   */
  judge(outcome: number, code: GrpcCode | undefined): number;
  /** The operation in `slot` is over, whatever its outcome; all else stands in its slot. */
  end(slot: number): void;
}

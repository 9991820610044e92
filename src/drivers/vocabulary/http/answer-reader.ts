import type { HttpRequest } from './http-request.ts';

/**
 * Reads the answers of one session while they come, for drivers to which an answer is more than
 * its last byte. Bodies of answers whose status says that they failed are not shown to it.
 */
export interface AnswerReader {
  /** `request` is about to be written for the operation in `slot`. */
  begin(request: HttpRequest, slot: number, grantedNs: number): void;
  /**
   * A piece of the body, without its framing, and the stamp of the read callback that delivered
   * it. The bytes are gone when this returns. False: the rest is not worth waiting for; unless the
   * answer ends with these bytes the operation ends now, and the connection is closed.
   */
  take(bytes: Buffer, from: number, to: number, stampNs: number): boolean;
  /**
   * The answer is complete, or was given up by `take`: its outcome, where `outcome` is what its
   * status says. Counts why, unless that is the status.
   */
  judge(outcome: number, status: number): number;
  /** The operation in `slot` is over, whatever its outcome; all else stands in its slot. */
  end(slot: number): void;
}

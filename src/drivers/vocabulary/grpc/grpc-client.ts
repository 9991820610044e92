import type { DriverContext } from '../../driver.ts';
import { RECEIVE_LIMIT_BYTES } from '../../wire/grpc/grpc-limits.ts';
import { StreamClient } from '../http2/stream-client.ts';
import { CONNECT_TIME, TLS_TIME } from './grpc-phases.ts';
import { GrpcSession } from './grpc-session.ts';
import type { MessageTaker } from './message-taker.ts';

export interface GrpcClientOptions {
  /** A message that is larger, compressed or not, is refused. */
  readonly receiveLimitBytes?: number;
  /** What the message of a failed call's status adds to its reason, in words of a bounded set. */
  readonly failureWords?: (message: string) => string;
  /** Calls that one connection carries at a time, at most; the server may allow fewer. */
  readonly streamsPerConnection?: number | undefined;
}

/** The sessions of one target in one worker, for every driver that speaks gRPC over raw sockets. */
export class GrpcClient extends StreamClient<GrpcSession> {
  readonly receiveLimitBytes: number;
  readonly failureWords: GrpcClientOptions['failureWords'];

  constructor(
    context: DriverContext,
    {
      receiveLimitBytes = RECEIVE_LIMIT_BYTES,
      failureWords,
      streamsPerConnection,
    }: GrpcClientOptions = {},
  ) {
    const phases = { connectTime: CONNECT_TIME, tlsTime: TLS_TIME };
    super(context, { phases, streamsPerConnection });
    this.receiveLimitBytes = receiveLimitBytes;
    this.failureWords = failureWords;
  }

  open(slot: number, taker?: MessageTaker): GrpcSession {
    return this.add(slot, (place) => new GrpcSession(this, place, taker));
  }
}

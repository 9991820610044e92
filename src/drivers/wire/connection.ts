import type { Clock } from '../../base/time/clock.ts';
import type { TurnQueue } from '../../base/time/turn-queue.ts';

/** One connection, from connecting to its end, whatever it runs over. */
export interface Connection {
  /** Why it broke (a code such as ECONNREFUSED, or words); undefined while open or closed in order. */
  readonly failure: string | undefined;
  /** What securing it took after it was connected; NaN where nothing was to be secured. */
  readonly handshakeNs: number;
  /** True while a request can be written and nothing has come that nobody asked for. */
  readonly isIdle: boolean;
  /** True when more bytes have arrived than the user has been given. */
  readonly hasMore: boolean;
  readonly hasEnded: boolean;
  /** Bytes handed to `write` that have not left it. */
  readonly unsentBytes: number;
  /** A text is written as Latin-1. `whenWritten` is called once nothing of it waits any more. */
  write(payload: string | Buffer, whenWritten?: () => void): void;
  /** Closes it at once; its user hears no more of it. */
  destroy(): void;
}

/** Who uses a connection. Bytes and the end come through the turn queue, one at a time. */
export interface ConnectionUser {
  connected(connection: Connection, stampNs: number): void;
  /** The bytes are gone when this returns. */
  received(connection: Connection, bytes: Buffer, from: number, to: number, stampNs: number): void;
  /** It was not reached, was closed by the other side, or broke; `failure` says which. */
  ended(connection: Connection, stampNs: number): void;
}

/** The other end: an address with a port, or the path of a unix socket. */
export type ConnectionPlace =
  | { readonly address: string; readonly port: number; readonly localAddress?: string | undefined }
  | { readonly path: string };

export interface ConnectionSurroundings {
  readonly clock: Clock;
  readonly turns: TurnQueue;
}

/** The place in the words of `net.connect`. */
export function socketPlace(place: ConnectionPlace) {
  if ('path' in place) return { path: place.path };
  const { address, port, localAddress } = place;
  const family = { host: address, port, autoSelectFamily: false };
  return localAddress === undefined ? family : { ...family, localAddress };
}

import type { Clock } from '../../../base/time/clock.ts';
import { cancelRequest } from './frontend-messages.ts';
import type { PostgresConnector } from './postgres-connector.ts';
import type { CancelKey } from './startup.ts';

/** How long a request to cancel may take. */
const CANCEL_LIMIT_MS = 5_000;

/**
 * Asks a server to end what it is doing for a session, over a connection of its own: one that only
 * loses its client goes on, and holds its locks, until it has something to say.
 */
export function cancelWork(
  key: CancelKey,
  address: string,
  { connector, clock }: { readonly connector: PostgresConnector; readonly clock: Clock },
): void {
  const connection = connector.connect(address, {
    connected: () => connection.write(cancelRequest(key)),
    received: () => {},
    ended() {
      forget();
      connection.destroy();
    },
  });
  const forget = clock.after(CANCEL_LIMIT_MS, () => connection.destroy());
}

import type { DriverContext } from '../driver.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { RawHttpPath } from '../vocabulary/vectors/raw-http-path.ts';
import { RawHttpSession } from '../vocabulary/vectors/raw-http-session.ts';
import { VectorDriver } from '../vocabulary/vectors/vector-driver.ts';
import { FaissClient } from './faiss-client.ts';
import { faissRequests } from './faiss-requests.ts';

/** servers/faiss: searches and writes over sockets of our own, the rest through `fetch`. */
export function faissDriver(context: DriverContext): VectorDriver {
  const raw = new RawHttpPath(context, (http) => ({
    compile(use) {
      const bind = faissRequests(use, http.target);
      return bind && { bind };
    },
    open: (slot) => new RawHttpSession(http.open(slot), context.slots),
  }));
  const client = new FaissClient(context.url);
  return new VectorDriver(context, { client, raw, readyPhases: HTTP_PHASES.length });
}

import type { DriverContext } from '../driver.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { CollectionSession } from '../vocabulary/vectors/collection-session.ts';
import { LazyClient } from '../vocabulary/vectors/lazy-client.ts';
import { RawHttpPath } from '../vocabulary/vectors/raw-http-path.ts';
import { RawHttpSession } from '../vocabulary/vectors/raw-http-session.ts';
import { VectorDriver } from '../vocabulary/vectors/vector-driver.ts';
import { VectorTexts } from '../vocabulary/vectors/vector-texts.ts';
import type { ChromaTargetOptions } from './chroma-config.ts';
import { chromaRequests } from './chroma-requests.ts';

const NOT_FOUND = 404;

/** Chroma: the measured path over sockets of our own, or all of it through its own client. */
export function chromaDriver(context: DriverContext): VectorDriver {
  const client = new LazyClient(async () => {
    const { ChromaSdkClient } = await import('./sdk/chroma-client.ts');
    return new ChromaSdkClient(context);
  });
  const { client: path } = context.options as Partial<ChromaTargetOptions>;
  const raw = path === 'sdk' ? undefined : rawPath(context);
  return new VectorDriver(context, { client, raw, readyPhases: HTTP_PHASES.length });
}

function rawPath(context: DriverContext): RawHttpPath {
  const { tenant = 'default_tenant', database = 'default_database' } =
    context.options as Partial<ChromaTargetOptions>;
  const [tenantPart, databasePart] = [tenant, database].map(encodeURIComponent);
  const collectionsPath = `/api/v2/tenants/${tenantPart}/databases/${databasePart}/collections`;
  const { slots, clock } = context;
  return new RawHttpPath(context, (http) => {
    const place = { target: http.target, texts: new VectorTexts(), collectionsPath };
    const known = new Map<string, string>();
    return {
      compile(use) {
        const bind = chromaRequests(use, place);
        return bind && { bind };
      },
      open(slot) {
        const session = http.open(slot);
        const inner = new RawHttpSession(session, slots);
        const wirePhases = HTTP_PHASES.length;
        return new CollectionSession({
          inner,
          slots,
          clock,
          wirePhases,
          known,
          reasons: http.reasons,
          read: () => idOf(session),
          isGone: () => session.result['status'] === NOT_FOUND,
        });
      },
    };
  });
}

function idOf(session: HttpSession): string | undefined {
  const { id } = (session.result['json'] ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

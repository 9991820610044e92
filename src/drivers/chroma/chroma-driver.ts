import type { DriverContext } from '../driver.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { LazyClient } from '../vocabulary/vectors/lazy-client.ts';
import { RawHttpPath } from '../vocabulary/vectors/raw-http-path.ts';
import { VectorDriver } from '../vocabulary/vectors/vector-driver.ts';
import { VectorTexts } from '../vocabulary/vectors/vector-texts.ts';
import type { ChromaTargetOptions } from './chroma-config.ts';
import { chromaRequests } from './chroma-requests.ts';
import { ChromaSession } from './chroma-session.ts';

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
    const collectionIds = new Map<string, string>();
    return {
      compile(use) {
        const bind = chromaRequests(use, place);
        return bind && { bind };
      },
      open: (slot) => new ChromaSession({ http: http.open(slot), slots, clock, collectionIds }),
    };
  });
}

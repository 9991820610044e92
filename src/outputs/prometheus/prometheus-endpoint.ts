import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseAddress } from '../address.ts';
import { DeliveryCount, type OutputAccount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond } from '../output.ts';
import { prometheusText } from './prometheus-text.ts';

/** Scrapers at once; Prometheus itself is one. */
const MOST_SCRAPERS = 16;
/** A scraper that sends or reads more slowly than this is cut off. */
const SLOWEST_MS = 10_000;

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface EndpointSpec {
  readonly listen: string;
  readonly token?: string | undefined;
  /** Of all outputs, to be shown beside the metrics. */
  readonly accounts: () => readonly OutputAccount[];
}

/** `/metrics`, as it is at the moment of a scrape. It costs nothing while nobody asks. */
export async function openPrometheusEndpoint(spec: EndpointSpec): Promise<LiveOutput> {
  const account = new DeliveryCount('prometheus', 'scrapes');
  let latest: OutputSecond | undefined;
  const server = createServer({ requestTimeout: SLOWEST_MS }, (request, response) => {
    const refused = refusal(request, spec.token);
    if (refused !== undefined) return answer(response, refused, '');
    account.accepted++;
    response.once('close', () => {
      if (response.writableFinished) account.delivered++;
      else account.drop('the scraper went away, or was too slow');
    });
    answer(response, 200, latest === undefined ? '' : prometheusText(latest, spec.accounts()));
  });
  server.maxConnections = MOST_SCRAPERS;
  server.setTimeout(SLOWEST_MS, (socket) => socket.destroy());
  const { host, port } = parseAddress(spec.listen)!;
  server.listen(port, host).unref();
  await once(server, 'listening');
  // What goes wrong from here on is the scraper's affair.
  server.on('error', (error) => (account.lastError = error.message));
  return {
    account,
    accept: (second) => void (latest = second),
    settle: () => Promise.resolve(),
    giveUp: () => {},
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refusal(request: IncomingMessage, token: string | undefined): number | undefined {
  if (token !== undefined && !isAllowed(request.headers.authorization, token)) return 401;
  if (request.url?.split('?')[0] !== '/metrics') return 404;
  return request.method === 'GET' ? undefined : 405;
}

/** Compared as hashes, so that neither content nor length of the token shows in the time it takes. */
function isAllowed(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  });
  response.end(text);
}

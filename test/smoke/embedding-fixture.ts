import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an embedding server does; tests change it while it runs. */
export interface EmbeddingBehaviour {
  delayMs: number;
  dimensions: number;
  status: number;
  /** Takes requests and answers none. */
  isSilent: boolean;
}

export interface EmbeddingFixture extends EmbeddingBehaviour {
  readonly url: string;
  close(): Promise<void>;
}

/** `/health` and `/embed`, as well or as badly as a test wants. */
export async function startEmbeddingFixture(
  behaviour: Partial<EmbeddingBehaviour> = {},
): Promise<EmbeddingFixture> {
  const state = { delayMs: 0, dimensions: 384, status: 200, isSilent: false, ...behaviour };
  const server = createServer((request, response) => {
    request.resume();
    if (state.isSilent) return;
    const vector = Array.from({ length: state.dimensions }, () => 0.5);
    const isEmbed = request.url === '/embed';
    const body = isEmbed ? { embeddings: [vector] } : { status: 'ok' };
    const send = (): void => {
      response.writeHead(state.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (isEmbed && state.delayMs > 0) setTimeout(send, state.delayMs);
    else send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Upload {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  readonly sha256: string;
  /** The first MiB. */
  readonly body: Buffer;
}

export interface UploadServer {
  readonly url: string;
  readonly uploads: readonly Upload[];
  /** Bytes of bodies read so far. */
  bytesRead(): number;
  close(): Promise<void>;
}

const KEPT_BYTES = 2 ** 20;

/** An HTTP server that reads bodies, at most one chunk in `everyMs`, and remembers them. */
export async function startUploadServer({ everyMs = 0 } = {}): Promise<UploadServer> {
  const uploads: Upload[] = [];
  let bytesRead = 0;
  const server = createServer((request, response) => {
    request.on('error', () => {});
    void (async () => {
      const hash = createHash('sha256');
      const kept: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk);
        if (bytes < KEPT_BYTES) kept.push(chunk);
        bytes += chunk.length;
        bytesRead += chunk.length;
        if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      const { headers } = request;
      uploads.push({ headers, bytes, sha256: hash.digest('hex'), body: Buffer.concat(kept) });
      response.end('ok');
    })().catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads,
    bytesRead: () => bytesRead,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

import type { Socket } from 'node:net';
import { listen, type Place } from './listen.ts';
import { NotFramed, RequestFramer } from './request-framer.ts';

export interface NullServer {
  readonly url: string;
  close(): Promise<void>;
}

const body = '{"ok":true}';
const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
const answer = Buffer.from(head + body, 'latin1');
const headOnly = Buffer.from(head, 'latin1');

/** Answers every request with the same prepared bytes as soon as its last one is there. */
export async function startNullServer(place: Place): Promise<NullServer> {
  const { port, close } = await listen(place, serve);
  return { url: `http://${place.host}:${port}`, close };
}

function serve(socket: Socket): void {
  const framer = new RequestFramer();
  socket.on('data', (chunk: Buffer) => {
    try {
      const { count, isHead, closes } = framer.push(chunk);
      for (let request = 0; request < count; request++) socket.write(isHead ? headOnly : answer);
      if (closes) socket.end();
    } catch (error) {
      if (!(error instanceof NotFramed)) throw error;
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }
  });
}

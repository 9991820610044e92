/**
 * A server in the clothes of several vector databases that are reached over HTTP: it knows no
 * vectors, but answers as the text `~NAME:NUMBER~` anywhere in a request's body says, well without.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callAt, nowMs } from '../../servers/reference/schedule.ts';

let connections = 0;
const server = createServer((request, response) => void handle(request, response));
server.on('connection', () => connections++);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  if (request.url === '/__count') return void response.end(String(connections));
  const [, name = 'ok', number = '0'] = /~([a-z-]+):(\d+)~/.exec(body) ?? [];
  behave(name, Number(number), request, response);
}

function behave(
  name: string,
  number: number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = answerTo(request);
  switch (name) {
    case 'delayed':
      callAt(nowMs() + number, () => response.end(answer));
      return;
    case 'large':
      inParts(response, Buffer.concat([answer, Buffer.alloc(number - answer.length, ' ')]));
      return;
    case 'status':
      response.writeHead(number, { 'content-type': 'application/json' });
      response.end('{"message":"so it is"}');
      return;
    case 'silence':
      return;
    case 'die':
      process.exit(1);
      break;
    case 'garbage':
      response.socket!.end('no protocol at all\r\n\r\n');
      return;
    case 'close':
      response.socket!.destroySoon();
      return;
    case 'reset':
      response.socket!.resetAndDestroy();
      return;
    case 'close-within':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{', () => response.socket!.destroySoon());
      return;
    default:
      response.end(answer);
  }
}

/** Chroma's collection, Chroma's hits or those of servers/faiss. */
function answerTo({ method, url = '' }: IncomingMessage): Buffer {
  if (method === 'GET') return Buffer.from('{"id":"0d6d4b67-7c2f-4c5e-9d43-8a8d4f3f5a10"}');
  if (url.endsWith('/query')) return Buffer.from('{"ids":[["7"]],"distances":[[0.5]]}');
  const frame = Buffer.alloc(20);
  frame.writeUInt32LE(1);
  frame.writeBigInt64LE(7n, 8);
  frame.writeFloatLE(0.5, 16);
  return frame;
}

function inParts(response: ServerResponse, content: Buffer): void {
  for (let at = 0; at < content.length; at += 10_000) {
    response.write(content.subarray(at, at + 10_000));
  }
  response.end();
}

import http from 'node:http';
import { Duplex } from 'node:stream';
import type { Reading } from './responses.ts';

/** What Node's own client makes of the bytes of one connection, which ends behind them. */
export function readByNode(bytes: Buffer, method: string): Promise<Reading> {
  const { promise, resolve } = Promise.withResolvers<Reading>();
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const fail = (error: Error): void => {
    const isCutOff = /socket hang up|aborted/.test(error.message);
    resolve(isCutOff ? { kind: 'cut off' } : { kind: 'failed', reason: error.message });
  };
  const request = http.request({ method, createConnection: () => connection as never });
  request.on('error', fail);
  request.on('upgrade', () => resolve({ kind: 'failed', reason: 'upgrade' }));
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', fail);
    response.on('end', () => {
      if (!response.complete) return;
      const body = Buffer.concat(chunks).toString('latin1');
      resolve({
        kind: 'complete',
        status: response.statusCode!,
        keepAlive: true,
        headers: joinedHeaders(response.rawHeaders),
        body,
        bodyBytes: body.length,
        surplus: 0,
      });
    });
  });
  request.end();
  connection.push(bytes);
  connection.push(null);
  return promise.finally(() => connection.destroy());
}

function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    const value = raw[index + 1]!;
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

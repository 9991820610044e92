import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const HEAD = {
  model_name: 'faulty',
  model_version: '1',
};

/** What an answer may be wrong in: its JSON, and what follows it. */
const BROKEN_ANSWERS: Readonly<Record<string, () => { json: string; tail: Buffer }>> = {
  'short-tensor': () => ({ json: output(4), tail: Buffer.from([1, 0, 0]) }),
  'long-tensor': () => ({ json: output(4), tail: Buffer.from([0, 0, 0, 0, 9]) }),
  'wrong-length': () => ({ json: output(6), tail: Buffer.from([1, 0, 0, 0, 65, 66]) }),
  'bad-json': () => ({ json: '{"outputs":[', tail: Buffer.alloc(0) }),
  'no-outputs': () => ({ json: JSON.stringify(HEAD), tail: Buffer.alloc(0) }),
  'no-datatype': () => ({
    json: JSON.stringify({ ...HEAD, outputs: [{ name: 'OUT', shape: [1], data: ['x'] }] }),
    tail: Buffer.alloc(0),
  }),
  'short-list': () => ({
    json: JSON.stringify({
      ...HEAD,
      outputs: [{ name: 'OUT', datatype: 'BYTES', shape: [2], data: ['x'] }],
    }),
    tail: Buffer.alloc(0),
  }),
};

/** An output of one text whose bytes the JSON says to be `size`. */
function output(size: number): string {
  const parameters = { binary_data_size: size };
  return JSON.stringify({
    ...HEAD,
    outputs: [{ name: 'OUT', datatype: 'BYTES', shape: [1], parameters }],
  });
}

/** Does to an answer over HTTP what `fault` asks for; false where it is none that it knows. */
export function breakHttp(fault: string, response: ServerResponse, allowDie: boolean): boolean {
  const [, status] = /^status:(\d+)$/.exec(fault) ?? [];
  if (status !== undefined) {
    response.statusCode = Number(status);
    response.end(JSON.stringify({ error: `status ${status} was asked for` }));
    return true;
  }
  const broken = BROKEN_ANSWERS[fault];
  if (broken !== undefined) {
    const { json, tail } = broken();
    response.setHeader('Inference-Header-Content-Length', Buffer.byteLength(json));
    response.setHeader('Content-Length', Buffer.byteLength(json) + tail.length);
    response.end(Buffer.concat([Buffer.from(json), tail]));
    return true;
  }
  return breakConnection(fault, response, allowDie);
}

function breakConnection(fault: string, response: ServerResponse, allowDie: boolean): boolean {
  const socket = response.socket as Socket;
  switch (fault) {
    case 'silence':
      return true;
    case 'close':
      socket.end();
      return true;
    case 'reset':
      socket.resetAndDestroy();
      return true;
    case 'cut-off':
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"outputs":[');
      return true;
    case 'garbage':
      socket.end('no HTTP at all\r\n\r\n');
      return true;
    case 'die':
      if (allowDie) process.exit(0);
      return false;
    default:
      return false;
  }
}

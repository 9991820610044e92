import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { embeddingsToJson } from './embedding-json.ts';
import type { Engine } from './engine.ts';
import { openHashedEngine } from './hashed-engine.ts';
import { Metrics } from './metrics.ts';
import { parseTexts, readBody, RequestError } from './request-body.ts';
import { defaultSettings } from './settings.ts';
import type { Settings } from './settings.ts';

export interface EmbeddingServer {
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, finishes requests in flight, then closes what is left. */
  close(): Promise<void>;
}

/** Requests still unfinished this long after `close()` was called are cut off. */
const closeGraceMs = 4_000;
const listenBacklog = 4_096;

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Starts the server and resolves when it listens. It closes its engine when it is closed. */
export async function startEmbeddingServer(
  options: Partial<Settings> = {},
  engine: Engine = openHashedEngine(),
): Promise<EmbeddingServer> {
  const settings = { ...defaultSettings, ...options };
  const routes = createRoutes({ settings, engine, metrics: new Metrics(engine.loadSeconds) });
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 });
  server.on('request', (request, response) => {
    // A connection that is kept alive would hold a closing server open.
    if (!server.listening) response.setHeader('connection', 'close');
    const answer = route(routes, request);
    void Promise.resolve(answer(request, response)).catch((error: unknown) => {
      sendError(response, error);
    });
  });
  server.listen({ host: settings.host, port: settings.port, backlog: listenBacklog });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return { url: `http://${host}:${port}`, port, close: () => closeServer(server, engine) };
}

interface Serving {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly metrics: Metrics;
}

function createRoutes(serving: Serving): Record<string, Record<string, Answer>> {
  const health: Answer = (_, response) => {
    send(response, 200, 'application/json', '{"status":"ok"}');
  };
  const exposition: Answer = (_, response) => {
    send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', serving.metrics.render());
  };
  return {
    '/embed': { POST: (request, response) => answerEmbed(request, response, serving) },
    '/health': { GET: health, HEAD: health },
    '/metrics': { GET: exposition, HEAD: exposition },
  };
}

function route(
  routes: Readonly<Record<string, Readonly<Record<string, Answer>>>>,
  request: IncomingMessage,
): Answer {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (methods === undefined) {
    return (_, response) => {
      sendError(response, new RequestError(404, 'there is nothing at this path'));
    };
  }
  const method = request.method ?? 'GET';
  const answer = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (answer !== undefined) return answer;
  const allowed = Object.keys(methods).join(', ');
  return (_, response) => {
    response.setHeader('allow', allowed);
    sendError(response, new RequestError(405, `${path} takes ${allowed}`));
  };
}

async function answerEmbed(
  request: IncomingMessage,
  response: ServerResponse,
  { settings, engine, metrics }: Serving,
): Promise<void> {
  const beginNs = process.hrtime.bigint();
  try {
    const body = await readBody(request, settings.maxBodyBytes);
    const texts = parseTexts(body, settings.maxBatch);
    const embeddings = await engine.embed(texts);
    send(response, 200, 'application/json', embeddingsToJson(embeddings, engine));
    metrics.recordTexts(texts.length);
  } catch (error) {
    sendError(response, error);
  } finally {
    const seconds = Number(process.hrtime.bigint() - beginNs) / 1e9;
    metrics.recordRequest(response.statusCode, seconds);
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  const status = error instanceof RequestError ? error.status : 500;
  const message = error instanceof Error ? error.message : String(error);
  send(response, status, 'application/json', JSON.stringify({ error: message }));
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Buffer | string,
): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

async function closeServer(server: Server, engine: Engine): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that was busy when close() ran may be idle and still open a moment later.
  const idleSweep = setInterval(() => server.closeIdleConnections(), 50);
  const grace = setTimeout(() => server.closeAllConnections(), closeGraceMs);
  await closed;
  clearInterval(idleSweep);
  clearTimeout(grace);
  await engine.close();
}

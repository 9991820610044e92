import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnswerOptions, ServerOptions } from './options.ts';
import { readBody, readRequest, type Api, type AskedAnswer } from './request.ts';
import { callAt, nowMs } from '../reference/schedule.ts';
import { textOf, wholeAnswer } from './shapes.ts';
import { answerStreamed, type WrittenTimes } from './stream.ts';

/** Times of streams that are kept; older ones are let go. */
const TIMES_LIMIT = 1_000_000;

const APIS: Readonly<Record<string, Api>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completions',
  '/v1/responses': 'responses',
  '/v1/embeddings': 'embeddings',
  '/v1/rerank': 'rerank',
  '/v1/audio/transcriptions': 'transcriptions',
};

export interface ReferenceOpenai {
  readonly url: string;
  close(): void;
}

/** What the server knows of itself. */
class Counts {
  connectionsAccepted = 0;
  requests = 0;
  /** In flight now. */
  open = 0;
  /** Streams whose client went away before their end. */
  left = 0;
  times: WrittenTimes[] = [];

  add(times: WrittenTimes): void {
    if (this.times.length === TIMES_LIMIT) this.times = [];
    this.times.push(times);
  }
}

export async function startReferenceOpenai(options: ServerOptions): Promise<ReferenceOpenai> {
  const counts = new Counts();
  const server = createServer((request, response) => {
    void answer(request, response, { counts, defaults: options.answer });
  });
  server.on('connection', () => counts.connectionsAccepted++);
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(options.port, options.host, resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, close: () => close(server) };
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

interface Setting {
  readonly counts: Counts;
  readonly defaults: AnswerOptions;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { counts, defaults }: Setting,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://reference');
  const api = APIS[pathname];
  if (api === undefined || request.method !== 'POST') {
    answerAbout(pathname, response, counts);
    return;
  }
  const startMs = nowMs();
  const asked = readRequest(api, await readBody(request), defaults);
  counts.requests++;
  counts.open++;
  response.on('close', () => {
    counts.open--;
    if (!response.writableFinished) counts.left++;
  });
  if (asked === undefined) send(response, 400, { error: { message: 'not what this takes' } });
  else answerAsked(asked, response, { startMs, counts });
}

function answerAsked(
  asked: AskedAnswer,
  response: ServerResponse,
  { startMs, counts }: { readonly startMs: number; readonly counts: Counts },
): void {
  const { status, variant, stream } = asked;
  if (status !== 200) {
    send(response, status, { error: { message: 'as asked', code: status } });
  } else if (stream) {
    answerStreamed(asked, response, {
      readAtMs: startMs,
      written: (times) => counts.add(times),
    });
  } else if (variant === 'silence') {
    // Never answered.
  } else if (variant === 'die') {
    process.exit(0);
  } else if (variant !== 'whole') {
    answerBrokenly(asked, response);
  } else {
    callAt(startMs + wholeMs(asked), () => send(response, 200, wholeAnswer(asked)));
  }
}

/** Answers in one piece that are none. */
function answerBrokenly(asked: AskedAnswer, response: ServerResponse): void {
  switch (asked.variant) {
    case 'error':
      send(response, 200, { error: { message: 'as asked', type: 'server_error' } });
      break;
    case 'garbage':
      response.end('<html>no model here</html>');
      break;
    case 'cut-off':
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"choices": [');
      setTimeout(() => response.destroy(), 5);
      break;
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'plain-text':
      response.end(textOf(asked));
      break;
    case 'no-usage': {
      const { usage: _, ...rest } = wholeAnswer(asked) as { usage?: unknown };
      send(response, 200, rest);
      break;
    }
    default:
      send(response, 400, { error: { message: `no variant ${asked.variant}` } });
  }
}

/** As long as the stream of the same answer would take, or as the sound asks for. */
function wholeMs({ api, ttftMs, gapMs, maxTokens, audioSeconds, msPerAudioSecond }: AskedAnswer) {
  if (api === 'transcriptions') return audioSeconds * msPerAudioSecond;
  const isGenerated = api === 'chat' || api === 'completions' || api === 'responses';
  return isGenerated ? ttftMs + (maxTokens - 1) * gapMs : ttftMs;
}

function answerAbout(pathname: string, response: ServerResponse, counts: Counts): void {
  switch (pathname) {
    case '/health':
      send(response, 200, { status: 'ok' });
      break;
    case '/v1/models':
      send(response, 200, { object: 'list', data: [{ id: 'reference', object: 'model' }] });
      break;
    case '/__counts': {
      const { connectionsAccepted, requests, open, left } = counts;
      send(response, 200, { connectionsAccepted, requests, open, left });
      break;
    }
    case '/__times':
      send(response, 200, counts.times);
      counts.times = [];
      break;
    default:
      send(response, 404, { error: { message: 'nothing here' } });
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length });
  response.end(text);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Freeze } from './freeze.ts';
import type { ReferenceOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** What the control paths may see and do. */
export interface Controlled {
  readonly options: ReferenceOptions;
  readonly epochNs: number;
  readonly freeze: Freeze | null;
  recording(): Recording;
  reset(): void;
  counts(): Counts;
}

export interface Counts {
  /** Requests that arrived, control paths and /health left out. */
  readonly requests: number;
  /** Answers whose status line was handed to a socket, complete or not. */
  readonly responses: number;
  /** Requests whose client had gone when the answer was due. */
  readonly abandoned: number;
  /** Requests that found the log full. */
  readonly unlogged: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The connection that asks is one of them. */
  readonly openConnections: number;
  readonly connectionsAccepted: number;
}

const controlPaths: ReadonlyMap<string, readonly [string, ControlAnswer]> = new Map<
  string,
  readonly [string, ControlAnswer]
>([
  ['/health', ['GET', (_, response) => sendJson(response, 200, { status: 'ok' })]],
  ['/__count', ['GET', (controlled, response) => sendJson(response, 200, controlled.counts())]],
  ['/__settings', ['GET', sendSettings]],
  ['/__log', ['GET', sendLog]],
  ['/__reset', ['POST', sendReset]],
]);

type ControlAnswer = (controlled: Controlled, response: ServerResponse) => void;

/** Answers a request to a control path at once; false when the path is none. */
export function answerControl(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const path = (request.url ?? '').split('?', 1)[0]!;
  // In an audit a scenario may ask for /health as for any path.
  if (controlled.options.audit && !path.startsWith('/__')) return false;
  const entry = controlPaths.get(path);
  if (entry === undefined) return false;
  const [method, answer] = entry;
  request.resume();
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) {
    answer(controlled, response);
  } else {
    response.setHeader('allow', method);
    sendJson(response, 405, { error: `this path takes ${method}` });
  }
  return true;
}

function sendReset(controlled: Controlled, response: ServerResponse): void {
  controlled.reset();
  response.writeHead(204).end();
}

/** Everything that the departures follow from, so that another process can compute them. */
function sendSettings({ options, epochNs, freeze }: Controlled, response: ServerResponse): void {
  const { serviceTimeNs, randomService, slots, seed } = options;
  sendJson(response, 200, {
    clock: 'CLOCK_MONOTONIC',
    epochNs,
    // A reader that knows constant times only must not take a random law for one.
    serviceTimeNs: randomService === null ? serviceTimeNs : null,
    randomService,
    slots: slots === Infinity ? null : slots,
    freeze,
    seed,
  });
}

function sendLog(controlled: Controlled, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/csv' });
  const pieces = controlled.recording().log.csvPieces();
  const pump = (): void => {
    for (;;) {
      const { value, done } = pieces.next();
      if (done === true) break;
      if (response.destroyed) return;
      // One piece a turn: a long log must not hold up the departures of requests under way.
      if (response.write(value)) setImmediate(pump);
      else response.once('drain', pump);
      return;
    }
    response.end();
  };
  pump();
}

function sendJson(response: ServerResponse, status: number, document: unknown): void {
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

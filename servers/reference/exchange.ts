import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicNs } from './clock.ts';
import type { Deadlines } from './deadlines.ts';
import type { Freeze } from './freeze.ts';
import type { ReferenceOptions } from './options.ts';
import type { Recording } from './recording.ts';
import { noLane } from './request-log.ts';
import type { Mark } from './request-log.ts';

/** What the behaviours share. */
export interface Surroundings {
  readonly options: ReferenceOptions;
  readonly freeze: Freeze | null;
  readonly deadlines: Deadlines;
  /** Seeded bytes, twice in a row, so that `blockBytes` can be cut out from any place of the first. */
  readonly block: Buffer;
}

/** A request that asks for something that a behaviour does not have: it is told so with a 400. */
export class BadRequest extends Error {}

export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrivalNs: number;
  readonly recording: Recording;
  readonly surroundings: Surroundings;
}

const emptyBody = Buffer.alloc(0);

/** One request with its stamps, from arrival to departure. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrivalNs: number;
  readonly surroundings: Surroundings;
  /** Path segments, so that "/bytes/10?x=1" is ["bytes", "10"]. */
  readonly segments: readonly string[];
  readonly sequence: number;
  dueNs = NaN;
  /** When the first byte of the answer was handed to the socket; NaN before. */
  departureNs = NaN;
  /** Filled before the answer for behaviours that read it. */
  body: Buffer = emptyBody;
  readonly #path: string;
  readonly #search: string;
  readonly #recording: Recording;
  #row = -1;
  #query: URLSearchParams | null = null;

  constructor({ request, response, arrivalNs, recording, surroundings }: Arrival) {
    this.request = request;
    this.response = response;
    this.arrivalNs = arrivalNs;
    this.surroundings = surroundings;
    this.#recording = recording;
    this.sequence = recording.requests++;
    const url = request.url ?? '/';
    const queryAt = url.indexOf('?');
    this.#path = queryAt === -1 ? url : url.slice(0, queryAt);
    this.#search = queryAt === -1 ? '' : url.slice(queryAt + 1);
    this.segments = this.#path === '/' ? [''] : this.#path.split('/').slice(1);
  }

  get socket(): Socket {
    return this.request.socket;
  }

  /** False when the client left or a raw behaviour closed the connection. */
  get canWrite(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  get recording(): Recording {
    return this.#recording;
  }

  admit(dueNs: number): void {
    this.dueNs = dueNs;
    const { arrivalNs } = this;
    const mark = this.surroundings.options.audit ? markOf(this.request.rawHeaders) : null;
    this.#row = this.#recording.log.open({ arrivalNs, dueNs, path: this.#path, mark });
  }

  abandon(): void {
    this.#recording.abandoned++;
  }

  hasQuery(name: string): boolean {
    return this.#search !== '' && this.#parameters().has(name);
  }

  /** A whole number from the query. */
  queryNumber(name: string, range: NumberRange & { readonly otherwise: number }): number {
    const text = this.hasQuery(name) ? this.#parameters().get(name)! : String(range.otherwise);
    return readNumber(name, text, range);
  }

  /** A whole number from the path, as the 10 of "/bytes/10". */
  pathNumber(range: NumberRange): number {
    return readNumber(`/${this.segments[0]}/N`, this.segments[1] ?? '', range);
  }

  /**
   * Takes the departure stamp, counts and logs the answer, and returns the headers that carry the
   * stamps. To be called immediately before the first byte goes to the socket, and once.
   */
  depart(status: number): string[] {
    this.departureNs = monotonicNs();
    this.#recording.countResponse(status);
    this.#recording.log.complete(this.#row, this.departureNs, status);
    return [
      'x-residence-ns',
      String(this.departureNs - this.arrivalNs),
      'x-arrival-ns',
      String(this.arrivalNs),
      'x-departure-ns',
      String(this.departureNs),
      'x-sequence',
      String(this.sequence),
    ];
  }

  /** Sends a whole answer of known length in one piece. */
  answer(status: number, contentType: string, body: string | Buffer): void {
    const headers = [
      'content-type',
      contentType,
      'content-length',
      String(Buffer.byteLength(body)),
    ];
    this.response.writeHead(status, this.depart(status).concat(headers));
    this.response.end(body);
  }

  answerJson(status: number, document: unknown): void {
    this.answer(status, 'application/json', JSON.stringify(document));
  }

  /** Head of an answer written past node:http, ready for the socket, empty line included. */
  rawHead(statusLine: string, headers: readonly string[]): string {
    const status = Number(statusLine.split(' ', 1)[0]);
    const all = this.depart(status).concat(headers);
    let head = `HTTP/1.1 ${statusLine}\r\n`;
    for (let index = 0; index < all.length; index += 2)
      head += `${all[index]}: ${all[index + 1]}\r\n`;
    return `${head}\r\n`;
  }

  #parameters(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search);
    return this.#query;
  }
}

/** Out of the header `x-operation: LANE/ITERATION`; null where it is missing or is something else. */
function markOf(rawHeaders: readonly string[]): Mark | null {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() !== 'x-operation') continue;
    const [, lane, iteration] = /^(\d+)\/(\d+)$/.exec(rawHeaders[index + 1]!) ?? [];
    if (iteration === undefined || Number(lane) >= noLane) return null;
    return { lane: Number(lane), iteration: Number(iteration) };
  }
  return null;
}

export interface NumberRange {
  readonly least: number;
  readonly most: number;
}

function readNumber(name: string, text: string, { least, most }: NumberRange): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new BadRequest(`${name} must be a whole number from ${least} to ${most}`);
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour } from './behaviours/behaviour.ts';
import { anything, failure, findBehaviour } from './behaviours/registry.ts';
import { createBlock } from './block.ts';
import { monotonicNs } from './clock.ts';
import { answerControl } from './control.ts';
import type { Controlled, Counts } from './control.ts';
import { Deadlines } from './deadlines.ts';
import { BadRequest, Exchange } from './exchange.ts';
import type { Surroundings } from './exchange.ts';
import type { Freeze } from './freeze.ts';
import { defaultOptions } from './options.ts';
import type { ReferenceOptions } from './options.ts';
import { Recording } from './recording.ts';
import type { RequestLog } from './request-log.ts';
import { constantServiceTime, randomServiceTime } from './service-law.ts';
import type { ServiceLaw } from './service-law.ts';
import { Station } from './station.ts';

export interface ReferenceServer {
  readonly url: string;
  readonly port: number;
  /** Origin of the freeze windows on the monotonic clock. */
  readonly epochNs: number;
  readonly freeze: Freeze | null;
  /** Everything since the start or the last reset. */
  readonly log: RequestLog;
  counts(): Counts;
  /** Forgets log and counts; connections stay open, the clock and the slots go on. */
  reset(): void;
  /** Waits two seconds at most for answers not yet due, closes everything, writes the log file. */
  close(): Promise<void>;
}

const closeGraceMs = 2_000;
const listenBacklog = 4_096;
const longestServiceTimeMs = 3_600_000;
/** Bodies that a behaviour wants to see may be this long. */
const mostBodyBytes = 16_777_216;
/** Requests in service or waiting; those beyond are answered with 503 at once. */
const mostUnderWay = 1_000_000;

/** Starts a server whose behaviour is known exactly, and resolves when it listens. */
export async function startReferenceServer(
  options: Partial<ReferenceOptions> = {},
): Promise<ReferenceServer> {
  const reference = new Reference({ ...defaultOptions, ...options });
  await reference.listen();
  return reference;
}

class Reference implements ReferenceServer, Controlled {
  readonly options: ReferenceOptions;
  readonly epochNs: number = monotonicNs();
  readonly freeze: Freeze | null;
  readonly #surroundings: Surroundings;
  readonly #deadlines = new Deadlines();
  readonly #station: Station;
  readonly #law: ServiceLaw;
  readonly #server: Server;
  #recording = new Recording();
  #openConnections = 0;
  #connectionsAccepted = 0;

  constructor(options: ReferenceOptions) {
    this.options = options;
    this.freeze = options.freeze === null ? null : { epochNs: this.epochNs, ...options.freeze };
    this.#station = new Station(options.slots, this.freeze);
    this.#law =
      options.randomService === null
        ? constantServiceTime(options.serviceTimeNs)
        : randomServiceTime(options.randomService, options.seed);
    this.#surroundings = {
      options,
      freeze: this.freeze,
      deadlines: this.#deadlines,
      block: createBlock(options.seed),
    };
    // No time limit of node:http may end a connection: only the behaviours and close() do.
    this.#server = createServer({
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      maxHeaderSize: 1_048_576,
    });
    this.#server.on('connection', (socket) => {
      this.#openConnections++;
      this.#connectionsAccepted++;
      socket.once('close', () => this.#openConnections--);
      // Clients that reset their connections are ordinary here.
      socket.on('error', () => {});
    });
    this.#server.on('request', (request, response) => this.#arrive(request, response));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const { host } = this.options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get log(): RequestLog {
    return this.#recording.log;
  }

  async listen(): Promise<void> {
    const { host, port } = this.options;
    this.#server.listen({ host, port, backlog: listenBacklog });
    await once(this.#server, 'listening');
  }

  recording(): Recording {
    return this.#recording;
  }

  counts(): Counts {
    const { requests, responses, abandoned, byStatus, log } = this.#recording;
    return {
      requests,
      responses,
      abandoned,
      unlogged: log.dropped,
      byStatus: Object.fromEntries(byStatus),
      openConnections: this.#openConnections,
      connectionsAccepted: this.#connectionsAccepted,
    };
  }

  reset(): void {
    this.#recording = new Recording();
    this.#connectionsAccepted = 0;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const deadlineNs = monotonicNs() + closeGraceMs * 1e6;
    while (this.#deadlines.pending > 0 && monotonicNs() < deadlineNs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#deadlines.stop();
    // What was written in this turn still has to reach the sockets.
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.closeAllConnections();
    await closed;
    if (this.options.logFile !== null) this.log.writeFile(this.options.logFile);
  }

  #arrive(request: IncomingMessage, response: ServerResponse): void {
    const arrivalNs = monotonicNs();
    if (answerControl(this, request, response)) return;
    const exchange = new Exchange({
      request,
      response,
      arrivalNs,
      recording: this.#recording,
      surroundings: this.#surroundings,
    });
    if (this.#deadlines.pending >= mostUnderWay) {
      exchange.admit(arrivalNs);
      exchange.answerJson(503, { error: `more than ${mostUnderWay} requests are under way` });
      return;
    }
    const { behaviour, serviceTimeNs } = this.#serviceOf(exchange);
    exchange.admit(this.#station.departureNs(arrivalNs, serviceTimeNs));
    if (behaviour.readsBody === true) this.#leaveWithBody(exchange, behaviour);
    else {
      if (request.method !== 'GET' && request.method !== 'HEAD') request.resume();
      this.#whenDue(exchange, () => leave(exchange, behaviour));
    }
  }

  /** The time is the law's, or what the request asks for with `?ms=`. */
  #serviceOf(exchange: Exchange): { behaviour: Behaviour; serviceTimeNs: number } {
    const behaviour = this.#behaviourOf(exchange);
    if (this.options.audit || behaviour.ownMs === true || !exchange.hasQuery('ms')) {
      return { behaviour, serviceTimeNs: this.#law(exchange.sequence) };
    }
    try {
      const range = { least: 0, most: longestServiceTimeMs, otherwise: 0 };
      return { behaviour, serviceTimeNs: exchange.queryNumber('ms', range) * 1e6 };
    } catch (error) {
      const refuse = (): void => {
        throw error;
      };
      return { behaviour: { answer: refuse }, serviceTimeNs: 0 };
    }
  }

  #behaviourOf({ sequence, segments }: Exchange): Behaviour {
    const { audit, failEvery } = this.options;
    if (failEvery !== null && (sequence + 1) % failEvery.every === 0) return failure(failEvery.how);
    return audit ? anything : findBehaviour(segments);
  }

  #whenDue(exchange: Exchange, action: () => void): void {
    if (exchange.dueNs <= monotonicNs()) action();
    else this.#deadlines.at(exchange.dueNs, action);
  }

  /** The departure is late by what the body takes to come in after it was due. */
  #leaveWithBody(exchange: Exchange, behaviour: Behaviour): void {
    const { request } = exchange;
    const pieces: Buffer[] = [];
    let bytes = 0;
    let missing = 2;
    const oneLess = (): void => {
      missing--;
      if (missing === 0) leave(exchange, bytes > mostBodyBytes ? bodyTooLarge : behaviour);
    };
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= mostBodyBytes) pieces.push(piece);
    });
    request.on('end', () => {
      exchange.body = Buffer.concat(pieces);
      oneLess();
    });
    this.#whenDue(exchange, oneLess);
  }
}

const bodyTooLarge: Behaviour = {
  answer: (exchange) =>
    exchange.answerJson(413, { error: `the body is larger than ${mostBodyBytes} bytes` }),
};

function leave(exchange: Exchange, behaviour: Behaviour): void {
  if (!exchange.canWrite) {
    exchange.abandon();
    return;
  }
  try {
    behaviour.answer(exchange);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    exchange.answerJson(400, { error: error.message });
  }
}

import type { DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { HttpClient } from '../http/http-client.ts';
import type { RawPath } from './vector-driver.ts';

/** What differs between databases that are reached over HTTP/1.1. */
export interface HttpVerbs {
  /** Undefined for a verb that is left to the client. */
  compile(use: VerbUse): PreparedOperation | undefined;
  open(slot: number): Session;
}

/** The measured path over the HTTP/1.1 client that several drivers share. */
export class RawHttpPath implements RawPath {
  readonly #http: HttpClient;
  readonly #verbs: HttpVerbs;

  constructor(context: DriverContext, verbs: (http: HttpClient) => HttpVerbs) {
    this.#http = new HttpClient(context, { failureWords });
    this.#verbs = verbs(this.#http);
  }

  get lateAnswers(): number {
    return this.#http.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation | undefined {
    return this.#verbs.compile(use);
  }

  open(slot: number): Session {
    return this.#verbs.open(slot);
  }

  openConnections(): number {
    return this.#http.openConnections();
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#http.reasons.counts;
  }

  close(): void {
    this.#http.close();
  }
}

/** `{"message": "..."}`, as most of them say it, without ids that differ between requests. */
function failureWords(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { readonly message?: string };
    return message?.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '…');
  } catch {
    return undefined;
  }
}

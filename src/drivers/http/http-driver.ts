import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { HttpClient } from '../vocabulary/http/http-client.ts';
import { prepareRequest } from '../vocabulary/http/http-request.ts';
import { valuesOf } from '../wire/http1/field-line.ts';
import { FollowingSession } from './following-session.ts';
import type { HttpTargetOptions } from './http-config.ts';
import { redirected, requestLineOf, withHeader } from './request-edits.ts';

/** The raw HTTP/1.1 client, with what only plain HTTP does: redirects and cookies. */
export class HttpDriver implements Driver {
  /** What its sessions share. */
  readonly client: HttpClient;
  readonly #following: { readonly redirects: number; readonly cookies: boolean };

  constructor(context: DriverContext) {
    const options = context.options as Partial<HttpTargetOptions>;
    const { redirects = 0, cookies = false, decompress = false } = options;
    this.#following = { redirects, cookies };
    this.client = new HttpClient(context, { readsHeads: redirects > 0 || cookies, decompress });
  }

  get lateAnswers(): number {
    return this.client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareRequest(use, this.client.target);
  }

  open(slot: number): Session {
    const session = this.client.open(slot);
    const { target } = this.client;
    if (!target.readsHeads) return session;
    const followed = { url: target.url, ...this.#following };
    return new FollowingSession(session, this.client, followed, {
      targetOf: (request) => requestLineOf(request).requestTarget,
      withCookies: (request, cookies) => withHeader(request, `Cookie: ${cookies}`),
      redirected,
      cookiesSet: () => valuesOf(session.answerHead.bytes, session.answerHead.length, 'set-cookie'),
    });
  }

  close(): void {
    this.client.close();
  }

  openConnections(): number {
    return this.client.openConnections();
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.client.reasons.counts;
  }
}

import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { FollowingSession } from '../following-session.ts';
import type { HttpTargetOptions } from '../http-config.ts';
import { Http2Client } from './http2-client.ts';
import { redirected, targetOf, withCookies } from './http2-edits.ts';
import { prepareHttp2Request, type Http2HttpRequest } from './http2-request.ts';

/** The raw HTTP/2 client: requests of many sessions over few connections. */
export class Http2Driver implements Driver {
  readonly #client: Http2Client;
  readonly #following: { readonly redirects: number; readonly cookies: boolean };

  constructor(context: DriverContext) {
    const { redirects = 0, cookies = false } = context.options as Partial<HttpTargetOptions>;
    this.#following = { redirects, cookies };
    this.#client = new Http2Client(context, { readsHeads: redirects > 0 || cookies });
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareHttp2Request(use, this.#client.target);
  }

  open(slot: number): Session {
    const session = this.#client.open(slot);
    const { target } = this.#client;
    if (!target.readsHeads) return session;
    const followed = { url: target.url, ...this.#following };
    return new FollowingSession<Http2HttpRequest>(session, this.#client, followed, {
      targetOf,
      withCookies,
      redirected,
      cookiesSet: () => session.answer.valuesOf('set-cookie'),
    });
  }

  close(): void {
    this.#client.close();
  }

  openConnections(): number {
    return this.#client.openConnections();
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#client.reasons.counts;
  }
}

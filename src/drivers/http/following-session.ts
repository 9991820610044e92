import type { Clock } from '../../base/time/clock.ts';
import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { Session } from '../driver.ts';
import type { FailureReasons } from '../vocabulary/failure-reasons.ts';
import { CookieJar } from './cookie-jar.ts';
import { CONNECT_TIME, FIRST_BYTE_TIME, TLS_TIME } from '../vocabulary/http/http-phases.ts';
import type { HttpOperation } from '../vocabulary/http/http-request.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

interface Surroundings {
  readonly clock: Clock;
  readonly slots: OperationSlots;
  readonly reasons: FailureReasons;
}

/** What of a target is followed. */
export interface Followed {
  readonly url: URL;
  /** Redirects to follow at most. */
  readonly redirects: number;
  readonly cookies: boolean;
}

/** How requests of one version of HTTP are changed, and what its answers set. */
export interface FollowingEdits<Request> {
  /** Path and query. */
  targetOf(request: Request): string;
  /** The same request with this header Cookie. */
  withCookies(request: Request, cookies: string): Request;
  /** The request that a redirect with `status` leads to (RFC 9110 section 15.4). */
  redirected(request: Request, status: number, to: string): Request;
  /** Each Set-Cookie of the last answer. */
  cookiesSet(): readonly string[];
}

/** What redirects change of requests, whatever their version of HTTP. */
interface FollowedRequest {
  readonly operation: HttpOperation;
}

/** What an operation has used in all its requests. */
interface Whole {
  readonly deadlineNs: number;
  readonly acquired: number;
  readonly granted: number;
  readonly sent: number;
  readonly connectNs: number;
  readonly tlsNs: number;
  bytesSent: number;
  bytesReceived: number;
}

/**
 * A session that follows redirects and keeps cookies around one that does neither. An operation
 * lasts from its first request to its last answer; its timeout spans them all.
 */
export class FollowingSession<Request extends FollowedRequest> implements Session {
  readonly #inner: Session;
  readonly #edits: FollowingEdits<Request>;
  readonly #clock: Clock;
  readonly #slots: OperationSlots;
  readonly #reasons: FailureReasons;
  readonly #following: Followed;
  readonly #jar: CookieJar | undefined;

  /** The operation that is open, and its last request. */
  #slot = -1;
  #request!: Request;
  #ended: () => void = () => {};
  #followed = 0;
  #whole: Whole | undefined;

  constructor(
    inner: Session,
    { clock, slots, reasons }: Surroundings,
    following: Followed,
    edits: FollowingEdits<Request>,
  ) {
    this.#inner = inner;
    this.#edits = edits;
    this.#clock = clock;
    this.#slots = slots;
    this.#reasons = reasons;
    this.#following = following;
    if (!following.cookies) return;
    this.#jar = new CookieJar({
      host: following.url.hostname,
      isSecure: following.url.protocol === 'https:',
      nowMs: () => clock.wallMs(),
      refused: (reason) => reasons.count(reason),
    });
  }

  get usable(): boolean {
    return this.#inner.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#inner.result;
  }

  connect(): Promise<boolean> {
    return this.#inner.connect();
  }

  abort(slot: number, outcome: number): void {
    this.#inner.abort(slot, outcome);
  }

  close(): void {
    this.#inner.close();
  }

  execute(first: unknown, slot: number, ended: () => void): void {
    this.#request = first as Request;
    this.#ended = ended;
    this.#slot = slot;
    this.#whole = undefined;
    this.#followed = 0;
    this.#send();
  }

  #send(): void {
    const cookies = this.#jar?.headerFor(this.#path) ?? '';
    const request = this.#request;
    const sent = cookies === '' ? request : this.#edits.withCookies(request, cookies);
    this.#inner.execute(sent, this.#slot, this.#answered);
  }

  /** One of the operation's requests ended. */
  readonly #answered = (): void => {
    const slot = this.#slot;
    if (this.#jar !== undefined) this.#keepCookies(this.#jar);
    if (this.#whole === undefined) this.#whole = this.#begun(slot);
    else this.#add(this.#whole, slot);
    const next = this.#next(this.#whole, slot);
    if (next === undefined) {
      this.#ended();
      return;
    }
    this.#request = next;
    this.#followed++;
    this.#slots.acquired[slot] = this.#clock.nowNs();
    this.#send();
  };

  #keepCookies(jar: CookieJar): void {
    if (this.#inner.result['status'] === undefined) return;
    for (const value of this.#edits.cookiesSet()) jar.set(value, this.#path);
  }

  get #path(): string {
    return this.#edits.targetOf(this.#request).split('?', 1)[0]!;
  }

  /** The request that the last answer leads to, if it is followed. */
  #next(whole: Whole, slot: number): Request | undefined {
    const to = this.#nextTarget(slot);
    if (to === undefined) return undefined;
    const leftNs = whole.deadlineNs - this.#clock.nowNs();
    if (leftNs <= 0) return this.#fail(slot, OUTCOME.timeout, 'no answer after redirects in time');
    const next = this.#edits.redirected(this.#request, Number(this.#inner.result['status']), to);
    return { ...next, operation: { ...next.operation, timeoutNs: leftNs } };
  }

  /** Where the last answer leads, if it is followed. */
  #nextTarget(slot: number): string | undefined {
    const { redirects, url } = this.#following;
    const { status, headers } = this.#inner.result as {
      status?: number;
      headers?: Readonly<Record<string, string>>;
    };
    const location = headers?.['location'];
    if (redirects === 0 || this.#slots.outcome[slot] !== OUTCOME.ok) return undefined;
    if (status === undefined || !REDIRECTS.has(status) || location === undefined) return undefined;
    const from = new URL(this.#edits.targetOf(this.#request), url.origin);
    const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
    if (to?.origin !== url.origin) {
      return this.#fail(slot, OUTCOME.status_error, 'redirect to another server');
    }
    if (this.#followed === redirects) {
      return this.#fail(slot, OUTCOME.status_error, `more than ${redirects} redirects`);
    }
    return to.pathname + to.search;
  }

  #fail(slot: number, outcome: number, reason: string): undefined {
    this.#slots.outcome[slot] = outcome;
    this.#reasons.count(reason);
    return undefined;
  }

  #begun(slot: number): Whole {
    const { acquired, granted, sent, bytesSent, bytesReceived, phases } = this.#slots;
    return {
      deadlineNs: granted[slot]! + this.#request.operation.timeoutNs,
      acquired: acquired[slot]!,
      granted: granted[slot]!,
      sent: sent[slot]!,
      connectNs: phases[CONNECT_TIME]![slot]!,
      tlsNs: phases[TLS_TIME]![slot]!,
      bytesSent: bytesSent[slot]!,
      bytesReceived: bytesReceived[slot]!,
    };
  }

  /** Makes the operation in `slot`, which is its last request now, the whole. */
  #add(whole: Whole, slot: number): void {
    const { acquired, granted, sent, bytesSent, bytesReceived, phases } = this.#slots;
    const firstByteNs = phases[FIRST_BYTE_TIME]!;
    if (sent[slot] !== 0) firstByteNs[slot]! += sent[slot]! - whole.sent;
    acquired[slot] = whole.acquired;
    granted[slot] = whole.granted;
    sent[slot] = whole.sent;
    bytesSent[slot] = whole.bytesSent += bytesSent[slot]!;
    bytesReceived[slot] = whole.bytesReceived += bytesReceived[slot]!;
    if (Number.isNaN(whole.connectNs)) return;
    phases[CONNECT_TIME]![slot] = whole.connectNs;
    phases[TLS_TIME]![slot] = whole.tlsNs;
  }
}

/** As many as browsers keep of one server at least (RFC 6265 section 6.1). */
export const COOKIES_LIMIT = 50;
/** Of one cookie, its name, value and attributes together. */
export const COOKIE_LIMIT_BYTES = 4096;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** Milliseconds since 1970; Infinity: as long as the jar. */
  readonly expiresMs: number;
}

export interface CookieJarOptions {
  readonly host: string;
  readonly isSecure: boolean;
  nowMs(): number;
  /** A cookie was not kept, or another one had to go for it. */
  refused(reason: string): void;
}

/** The cookies that one server gave one VU (RFC 6265, sections 5.1 to 5.4). */
export class CookieJar {
  readonly #options: CookieJarOptions;
  /** By name and path, the oldest first. */
  readonly #cookies = new Map<string, Cookie>();

  constructor(options: CookieJarOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#cookies.size;
  }

  /** Takes the value of one Set-Cookie of the answer to a request for `path`. */
  set(header: string, path: string): void {
    const { refused, nowMs } = this.#options;
    if (header.length > COOKIE_LIMIT_BYTES) {
      refused(`cookie over ${COOKIE_LIMIT_BYTES} bytes`);
      return;
    }
    const cookie = this.#read(header, path);
    if (cookie === undefined) return;
    const key = `${cookie.name}\n${cookie.path}`;
    if (cookie.expiresMs <= nowMs()) {
      this.#cookies.delete(key);
      return;
    }
    if (!this.#cookies.has(key) && this.#cookies.size >= COOKIES_LIMIT) {
      refused(`more than ${COOKIES_LIMIT} cookies`);
      this.#cookies.delete(this.#cookies.keys().next().value!);
    }
    this.#cookies.set(key, cookie);
  }

  /** The value of the header Cookie of a request for `path`; empty where there is none. */
  headerFor(path: string): string {
    const { nowMs } = this.#options;
    const sent: Cookie[] = [];
    for (const [key, cookie] of this.#cookies) {
      if (cookie.expiresMs <= nowMs()) this.#cookies.delete(key);
      else if (matchesPath(path, cookie.path)) sent.push(cookie);
    }
    const longestFirst = sent.toSorted((a, b) => b.path.length - a.path.length);
    return longestFirst.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #read(header: string, requestPath: string): Cookie | undefined {
    const [pair = '', ...attributes] = header.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const said = new Map(attributes.map(attributeOf));
    if (name === '' || !this.#isForUs(said)) return undefined;
    const path = said.get('path');
    return {
      name,
      value: pair.slice(equals + 1).trim(),
      path: path?.startsWith('/') === true ? path : defaultPath(requestPath),
      isSecure: said.has('secure'),
      expiresMs: this.#expiry(said),
    };
  }

  #isForUs(said: ReadonlyMap<string, string>): boolean {
    const { host, isSecure } = this.#options;
    if (said.has('secure') && !isSecure) return false;
    const domain = (said.get('domain') ?? '').replace(/^\./, '').toLowerCase();
    return domain === '' || host === domain || host.endsWith(`.${domain}`);
  }

  #expiry(said: ReadonlyMap<string, string>): number {
    const maxAge = said.get('max-age');
    if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) {
      return Number(maxAge) <= 0 ? 0 : this.#options.nowMs() + Number(maxAge) * 1000;
    }
    const expires = Date.parse(said.get('expires') ?? '');
    return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
  }
}

function attributeOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals === -1) return [text.trim().toLowerCase(), ''];
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** The folder of the path that was asked for. */
function defaultPath(path: string): string {
  const lastSlash = path.lastIndexOf('/');
  return lastSlash <= 0 ? '/' : path.slice(0, lastSlash);
}

function matchesPath(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return (
    path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/'
  );
}

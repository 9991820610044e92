import { environmentReference, hasReference, mapScalars } from './literal.ts';
import type { Body, CapturedRequest, Header } from './captured-request.ts';
import type { Variable } from './draft.ts';

/**
 * Names under which a secret stands: in headers, queries, forms and JSON. Too many rather than too
 * few: a name that is none becomes a variable that somebody sets.
 */
const SECRET_NAME =
  /^(?:(?:proxy-)?authorization|cookie2?|set-cookie|sig|signature|sid|jwt|otp|pin|code_verifier)$|(?:^|[^a-z])auth$|token|secret|passw|passphrase|pwd|credential|session_?-?id|api[-_]?key|access[-_]?key|private[-_]?key|subscription-key|x-amz-signature|(?:csrf|xsrf)/i;

/** Words of language models, in which tokens are no secrets. */
const NO_SECRET = /tokeni[sz]|tokens|token_?(?:type|count|limit|id)/i;

/** Names under which a number is a secret too. */
const SECRET_NUMBER = /^(?:otp|pin)$|passw|pwd|secret/i;

/** Values that are secrets wherever they stand: tokens whose form is known. */
const SECRET_VALUE = new RegExp(
  [
    String.raw`eyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]*`,
    String.raw`\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}`,
    String.raw`\bgh[pousr]_[A-Za-z0-9]{20,}`,
    String.raw`\bgithub_pat_\w{20,}`,
    String.raw`\bhf_[A-Za-z0-9]{20,}`,
    String.raw`\bglpat-[\w-]{16,}`,
    String.raw`\bxox[abprs]-[\w-]{10,}`,
    String.raw`\bA(?:KIA|SIA)[A-Z0-9]{16}\b`,
    String.raw`\bAIza[\w-]{30,}`,
  ].join('|'),
  'g',
);

/** The scheme of an Authorization header stays, what follows it does not. */
const SCHEME = /^(Bearer|Basic|Token|ApiKey|Digest|Negotiate)\s+/i;

/** Replaces secrets by variables of the environment, and knows which it made. */
export class Secrets {
  readonly #variables = new Map<string, string>();
  /** By the name of the variable: to say when one stands for several values. */
  readonly #values = new Map<string, Set<string>>();

  /** A reference to a new or known variable; the value itself is kept nowhere it could be read. */
  hide(prefix: string, name: string, meaning: string, value = ''): string {
    const words = `${prefix}_${name}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
    const variable = words.replace(/^[_0-9]+|_+$/g, '');
    if (!this.#variables.has(variable)) this.#variables.set(variable, meaning);
    const values = this.#values.get(variable) ?? new Set();
    this.#values.set(variable, values.add(value));
    return environmentReference(variable);
  }

  /** A variable that stands in the text already. */
  declare(name: string, meaning: string): void {
    if (!this.#variables.has(name)) this.#variables.set(name, meaning);
  }

  get variables(): Variable[] {
    return [...this.#variables].map(([name, meaning]) => ({ name, meaning }));
  }

  /** Variables that stand for more than one value. */
  notes(): string[] {
    const several = [...this.#values].filter(([, values]) => values.size > 1);
    return several.map(([name, values]) => {
      return `${name} stands for ${values.size} different values; the environment gives one.`;
    });
  }

  /** The request with every secret in it replaced; `prefix` begins the names of variables. */
  hideIn(request: CapturedRequest, prefix: string): CapturedRequest {
    const { url, headers, body } = request;
    const fromUrl = this.#credentials(url, prefix);
    const given = headers.map((header) => this.#header(header, prefix));
    const hasOwn = given.some(({ name }) => name.toLowerCase() === 'authorization');
    const all = fromUrl === undefined || hasOwn ? given : [...given, fromUrl];
    return {
      ...request,
      url: this.#url(url, prefix),
      headers: all,
      ...(body && { body: this.#body(body, prefix) }),
    };
  }

  /** `user:password@` of a URL is what curl and browsers send as basic authorization. */
  #credentials(url: URL, prefix: string): Header | undefined {
    if (url.username === '' && url.password === '') return undefined;
    return { name: 'Authorization', value: this.basic(prefix, `${url.username}:${url.password}`) };
  }

  basic(prefix: string, value: string): string {
    const meaning = 'base64 of USER:PASSWORD, for basic authorization';
    return `Basic ${this.hide(prefix, 'BASIC', meaning, value)}`;
  }

  #header({ name, value }: Header, prefix: string): Header {
    if (value === '' || hasReference(value)) return { name, value };
    if (!isSecretName(name)) return { name, value: this.#known(value, prefix) };
    const scheme = SCHEME.exec(value)?.[0] ?? '';
    const secret = value.slice(scheme.length);
    const meaning =
      scheme === '' ? `the header ${name}` : `what follows ${scheme.trim()} in the header ${name}`;
    return { name, value: `${scheme}${this.hide(prefix, name, meaning, secret)}` };
  }

  #url(url: URL, prefix: string): URL {
    const clean = new URL(url);
    clean.username = '';
    clean.password = '';
    clean.hash = '';
    if (clean.search === '' && !clean.pathname.includes('.')) return clean;
    const path = this.#known(clean.pathname, prefix);
    if (path !== clean.pathname) clean.pathname = path;
    const pairs = [...clean.searchParams].map(([name, value]) => {
      return [name, this.#named(name, value, { prefix, meaning: 'the query parameter' })] as const;
    });
    const changed = pairs.some(([, value]) => hasReference(value));
    if (changed) clean.search = new URLSearchParams(pairs.map((pair) => [...pair])).toString();
    return clean;
  }

  #body(body: Body, prefix: string): Body {
    if (body.kind === 'json') {
      const say = { prefix, meaning: 'the JSON member' };
      const change = (value: string | number, key: string): unknown => {
        if (typeof value === 'string') return this.#named(key, value, say);
        return SECRET_NUMBER.test(key) ? this.#named(key, String(value), say) : value;
      };
      return { kind: 'json', value: mapScalars(body.value, change) };
    }
    const form = formPairs(body.text);
    if (form === undefined) return { ...body, text: this.#known(body.text, prefix) };
    const meaning = 'URL-encoded: the form field';
    const pairs = form.map(([name, value]) => {
      return `${name}=${this.#named(decoded(name), value, { prefix, meaning })}`;
    });
    return { ...body, text: pairs.join('&') };
  }

  #named(name: string, value: string, say: { prefix: string; meaning: string }): string {
    if (value === '' || hasReference(value)) return value;
    if (!isSecretName(name)) return this.#known(value, say.prefix);
    return this.hide(say.prefix, name, `${say.meaning} ${name}`, value);
  }

  #known(text: string, prefix: string): string {
    return text.replace(SECRET_VALUE, (found) => {
      return this.hide(prefix, 'TOKEN', 'a value that looks like a token', found);
    });
  }
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(name);
}

/** `a=1&b=2` as its pairs, still encoded; undefined for what is no form. */
export function formPairs(text: string): [name: string, value: string][] | undefined {
  if (!/^[^\s=&{[<"]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*$/u.test(text)) return undefined;
  return text.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { bodyOf, type Body, type CapturedRequest, type Header } from '../captured-request.ts';
import { decompressKeys, sendableHeaders } from '../compose-step.ts';
import type { HttpWords } from '../draft.ts';
import { ImportRefused } from '../import-refused.ts';
import { hasReference } from '../literal.ts';
import type { Notes } from '../notes.ts';
import type { Secrets } from '../secrets.ts';
import { multipartText } from '../multipart-text.ts';
import type { CurlArguments, CurlOption } from './curl-options.ts';
import { formPart } from './form-part.ts';

/** A body that is read from a file stands in the scenario, which has at most 1 MiB. */
const MAX_BODY_BYTES = 256 * 1024;

/** What curl follows unless it is told otherwise, and what loadgen follows at most. */
const MOST_REDIRECTS = 50;

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Options about what curl itself prints, writes and retries. */
const OWN_OUTPUT = new Set(
  `silent show-error verbose show-headers include output remote-name remote-header-name write-out
  progress-bar no-progress-meter progress-meter fail fail-with-body fail-early trace trace-ascii
  trace-time trace-ids stderr dump-header output-dir create-dirs remote-time no-buffer buffer
  no-silent styled-output no-styled-output disable parallel parallel-immediate parallel-max
  no-keepalive libcurl http1.1 globoff path-as-is xattr`.split(/\s+/),
);

export interface CurlRequests {
  readonly requests: readonly CapturedRequest[];
  /** Keys of the target, as the scenario writes them. */
  readonly targetKeys: Readonly<Record<string, unknown>>;
}

export interface CurlContext {
  readonly notes: Notes;
  readonly secrets: Secrets;
  readonly words: HttpWords;
}

/** What curl sends for these arguments: one request for each URL. */
export function curlRequests(given: CurlArguments, context: CurlContext): CurlRequests {
  if (given.urls.length === 0) throw new ImportRefused('the curl command has no URL');
  const transfer = new Transfer(context);
  for (const option of given.options) transfer.take(option);
  return {
    requests: given.urls.map((url) => transfer.request(url)),
    targetKeys: transfer.targetKeys,
  };
}

class Transfer {
  readonly #context: CurlContext;
  #method: string | undefined;
  #isHead = false;
  #isGet = false;
  #isJson = false;
  readonly #headers: Header[] = [];
  readonly #defaults: Header[] = [{ name: 'Accept', value: '*/*' }];
  readonly #removed = new Set<string>();
  readonly #data: string[] = [];
  readonly #query: string[] = [];
  readonly #parts: CurlOption[] = [];
  readonly #cookies: string[] = [];
  #upload: { readonly text: string; readonly path: string } | undefined;
  #follows = false;
  #mostRedirects = MOST_REDIRECTS;
  readonly #tls: Record<string, unknown> = {};
  readonly targetKeys: Record<string, unknown> = {};

  constructor(context: CurlContext) {
    this.#context = context;
  }

  take(option: CurlOption): void {
    const act = ACTIONS[option.name];
    if (act !== undefined) act(this, option);
    else if (OWN_OUTPUT.has(option.name)) this.#say(option, 'has no meaning in a load test');
    else this.#say(option, 'is not carried over');
  }

  #say({ written, value }: CurlOption, what: string): void {
    // Values may be secrets; the name says enough.
    this.#context.notes.add(`curl’s ${written}${value === '' ? '' : ' …'} ${what}.`);
  }

  cannot(option: CurlOption, why: string): void {
    this.#context.notes.add(`curl’s ${option.written}: ${why}.`);
  }

  method(name: string): void {
    this.#method = name;
  }

  head(): void {
    this.#isHead = true;
  }

  get(): void {
    this.#isGet = true;
  }

  /** `Name: value`; `Name;` sends it empty, `Name:` keeps curl from sending its own. */
  header(option: CurlOption): void {
    const { value } = option;
    if (value.startsWith('@')) return this.cannot(option, 'headers of a file are not read');
    const [, name = '', separator = '', rest = ''] = /^([^:;]*)([:;]?)([^]*)$/.exec(value)!;
    const text = rest.trim();
    if (separator === ':' && text === '') this.#removed.add(name.trim().toLowerCase());
    else if (separator !== '') this.#headers.push({ name: name.trim(), value: text });
    else this.cannot(option, `${JSON.stringify(name)} has no colon`);
  }

  defaultHeader(name: string, value: string): void {
    this.#defaults.push({ name, value });
  }

  /** -d drops the line ends of a file; --data-binary keeps them. */
  data(option: CurlOption, how: 'ascii' | 'raw' | 'binary'): void {
    const { value } = option;
    if (how === 'raw' || !value.startsWith('@')) this.#data.push(value);
    else {
      const text = this.#file(option, value.slice(1));
      if (text !== undefined)
        this.#data.push(how === 'ascii' ? text.replace(/[\r\n\0]/g, '') : text);
    }
  }

  /** Pieces of --json are joined without anything between them. */
  json(option: CurlOption): void {
    const { value } = option;
    const text = value.startsWith('@') ? this.#file(option, value.slice(1)) : value;
    const before = this.#isJson ? (this.#data.pop() ?? '') : '';
    this.#isJson = true;
    this.#data.push(before + (text ?? ''));
  }

  urlEncoded(option: CurlOption): void {
    const text = this.#encoded(option);
    if (text !== undefined) this.#data.push(text);
  }

  urlQuery(option: CurlOption): void {
    const { value } = option;
    const text = value.startsWith('+') ? value.slice(1) : this.#encoded(option);
    if (text !== undefined) this.#query.push(text);
  }

  /** content · =content · name=content · @file · name@file. */
  #encoded(option: CurlOption): string | undefined {
    const [, name = '', sign = '', rest = ''] = /^([^=@]*)([=@]?)([^]*)$/.exec(option.value)!;
    const content = sign === '@' ? this.#file(option, rest) : sign === '' ? name : rest;
    if (content === undefined) return undefined;
    const encoded = encodeReferenced(content);
    return sign === '' || name === '' ? encoded : `${name}=${encoded}`;
  }

  /** PUT with the bytes of a file; a URL that ends with / gets its name. */
  upload(option: CurlOption): void {
    this.#upload = { text: this.#file(option, option.value) ?? '', path: option.value };
  }

  part(option: CurlOption): void {
    this.#parts.push(option);
  }

  cookie(option: CurlOption): void {
    const { value } = option;
    if (value.includes('=') || hasReference(value)) this.#cookies.push(value);
    else this.cannot(option, 'cookies of a file are not read');
  }

  user({ value }: CurlOption): void {
    this.defaultHeader('Authorization', this.#context.secrets.basic('api', value));
  }

  bearer({ value }: CurlOption): void {
    this.defaultHeader('Authorization', `Bearer ${value}`);
  }

  tls(option: CurlOption, key: string, value: unknown): void {
    if (this.#can('tls')) this.#tls[key] = value;
    else this.cannot(option, 'TLS cannot be set in this version');
  }

  #can(key: string): boolean {
    return this.#context.words.targetKeys.includes(key);
  }

  compressed(option: CurlOption): void {
    if (this.#can('decompress')) this.targetKeys['decompress'] = true;
    else this.cannot(option, 'answers are not decompressed');
  }

  location(option: CurlOption): void {
    this.#follows = this.#can('redirects');
    this.cannot(
      option,
      `redirects are ${this.#follows ? 'followed to the same server only' : 'not followed'}`,
    );
  }

  /** A negative number is curl's word for no limit. */
  mostRedirects({ value }: CurlOption): void {
    const most = Number(value);
    this.#mostRedirects = most >= 0 && most < MOST_REDIRECTS ? most : MOST_REDIRECTS;
  }

  duration(option: CurlOption, key: string): void {
    const seconds = Number(option.value);
    if (!(seconds > 0)) return this.cannot(option, `${option.value} is no number of seconds`);
    this.targetKeys[key] = `${Math.max(1, Math.round(seconds * 1000))}ms`;
  }

  request(written: string): CapturedRequest {
    const { url, base } = this.#address(written);
    const body = this.#body();
    const data = this.#data.join('&');
    const hasQuery = this.#query.length > 0 || (this.#isGet && data !== '');
    if (hasQuery) addQuery(url, [...this.#query, ...(this.#isGet && data !== '' ? [data] : [])]);
    const method = this.#method ?? this.#impliedMethod(body);
    if (this.#upload && url.pathname.endsWith('/')) url.pathname += basename(this.#upload.path);
    const headers = this.#allHeaders(body);
    this.#setTarget(url, headers);
    if (
      body?.kind === 'text' &&
      !headers.some((one) => one.name.toLowerCase() === 'content-type')
    ) {
      this.#context.notes.add('curl names no content-type for its body; text/plain is sent.');
    }
    return {
      method,
      url,
      ...(base !== undefined && { base }),
      headers: sendableHeaders(headers, this.#context),
      ...(body && { body }),
    };
  }

  #setTarget({ protocol }: URL, headers: readonly Header[]): void {
    Object.assign(this.targetKeys, decompressKeys(headers, this.#context.words));
    if (this.#follows) this.targetKeys['redirects'] = this.#mostRedirects;
    if (protocol === 'https:' && Object.keys(this.#tls).length > 0) {
      this.targetKeys['tls'] = { ...this.#tls };
    }
  }

  #impliedMethod(body: Body | undefined): string {
    if (this.#upload) return 'PUT';
    if (this.#isHead) return 'HEAD';
    return body === undefined ? 'GET' : 'POST';
  }

  #address(written: string): { url: URL; base?: string } {
    if (/[[\]]|\{[^{}]*,[^{}]*\}/.test(written.replace(/^\w+:\/\/\[[\da-f:.]+\]/i, ''))) {
      this.#context.notes.add('curl’s URL globbing ([1-9], {a,b}) is sent as it is written.');
    }
    const [, scheme = 'http://', host = '', rest = ''] =
      /^([a-z][a-z\d+.-]*:\/\/)?([^/?#]*)([^]*)$/i.exec(written)!;
    const isReferenced = hasReference(host);
    const text = isReferenced ? `http://reference.invalid${rest}` : `${scheme}${host}${rest}`;
    if (!URL.canParse(text)) throw new ImportRefused(`${JSON.stringify(written)} is no URL`);
    const url = new URL(text);
    if (!['http:', 'https:'].includes(url.protocol)) {
      throw new ImportRefused(`${url.protocol}// is not HTTP`);
    }
    if (!isReferenced) return { url };
    const isWhole = host.startsWith('\u{F0000}') && !/^[a-z][a-z\d+.-]*:\/\//i.test(written);
    return { url, base: isWhole ? host : `${scheme}${host}` };
  }

  #body(): Body | undefined {
    if (this.#isGet || this.#isHead) return undefined;
    if (this.#upload) return { kind: 'text', text: this.#upload.text };
    if (this.#parts.length > 0) return this.#multipart();
    if (this.#data.length === 0) return undefined;
    const text = this.#data.join('&');
    return bodyOf(text, this.#contentType());
  }

  #multipart(): Body | undefined {
    const read = (option: CurlOption, path: string) => this.#file(option, path);
    const say = (option: CurlOption, why: string) => this.cannot(option, why);
    const parts = this.#parts.flatMap((option) => formPart(option, { read, say }) ?? []);
    const { text, type } = multipartText(parts);
    this.defaultHeader('Content-Type', type);
    return { kind: 'text', text };
  }

  #contentType(): string {
    const own = this.#headers.find(({ name }) => name.toLowerCase() === 'content-type');
    return own?.value ?? (this.#isJson ? 'application/json' : FORM_TYPE);
  }

  /** Those of the command before curl's own, and of those the last that says the same. */
  #allHeaders(body: Body | undefined): Header[] {
    const implied = [...this.#defaults];
    if (this.#isJson) implied.push({ name: 'Accept', value: 'application/json' });
    if (body !== undefined && !this.#upload)
      implied.push({ name: 'Content-Type', value: this.#contentType() });
    if (this.#cookies.length > 0) implied.push({ name: 'Cookie', value: this.#cookies.join('; ') });
    const own = new Set(this.#headers.map(({ name }) => name.toLowerCase()));
    const defaults = new Map<string, Header>();
    for (const header of implied) {
      const name = header.name.toLowerCase();
      const isKept = name === 'content-type' && defaults.has(name);
      if (!own.has(name) && !this.#removed.has(name) && !isKept) defaults.set(name, header);
    }
    return [...this.#headers, ...defaults.values()];
  }

  #file(option: CurlOption, path: string): string | undefined {
    if (path === '-') return this.#unread(option, 'standard input is not read');
    let bytes: Buffer;
    try {
      const { size } = statSync(path);
      if (size > MAX_BODY_BYTES) {
        const kib = MAX_BODY_BYTES / 1024;
        return this.#unread(option, `${path} is larger than ${kib} KiB and was left out`);
      }
      bytes = readFileSync(path);
    } catch (error) {
      throw new ImportRefused(`${option.written}: ${path} cannot be read (${codeOf(error)})`);
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.#unread(option, `${path} is not text and was left out`);
    }
  }

  #unread(option: CurlOption, why: string): undefined {
    this.cannot(option, why);
    return undefined;
  }
}

type Action = (transfer: Transfer, option: CurlOption) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  request: (transfer, { value }) => transfer.method(value),
  head: (transfer) => transfer.head(),
  get: (transfer) => transfer.get(),
  header: (transfer, option) => transfer.header(option),
  data: (transfer, option) => transfer.data(option, 'ascii'),
  'data-ascii': (transfer, option) => transfer.data(option, 'ascii'),
  'data-raw': (transfer, option) => transfer.data(option, 'raw'),
  'data-binary': (transfer, option) => transfer.data(option, 'binary'),
  'data-urlencode': (transfer, option) => transfer.urlEncoded(option),
  json: (transfer, option) => transfer.json(option),
  'url-query': (transfer, option) => transfer.urlQuery(option),
  form: (transfer, option) => transfer.part(option),
  'form-string': (transfer, option) => transfer.part(option),
  'upload-file': (transfer, option) => transfer.upload(option),
  cookie: (transfer, option) => transfer.cookie(option),
  user: (transfer, option) => transfer.user(option),
  'oauth2-bearer': (transfer, option) => transfer.bearer(option),
  'user-agent': (transfer, { value }) => transfer.defaultHeader('User-Agent', value),
  referer: (transfer, { value }) => transfer.defaultHeader('Referer', value.replace(/;auto$/, '')),
  range: (transfer, { value }) => transfer.defaultHeader('Range', `bytes=${value}`),
  compressed: (transfer, option) => transfer.compressed(option),
  location: (transfer, option) => transfer.location(option),
  'max-redirs': (transfer, option) => transfer.mostRedirects(option),
  insecure: (transfer, option) => transfer.tls(option, 'insecure', true),
  cacert: (transfer, option) => transfer.tls(option, 'ca', resolve(option.value)),
  'max-time': (transfer, option) => transfer.duration(option, 'timeout'),
  'connect-timeout': (transfer, option) => transfer.duration(option, 'connectTimeout'),
  basic: () => {},
};

function addQuery(url: URL, parts: readonly string[]): void {
  const before = url.search.replace(/^\?/, '');
  url.search = [...(before === '' ? [] : [before]), ...parts].join('&');
}

/** As curl escapes: all but letters, digits and `-._~`, a blank as +; references stay. */
function encodeReferenced(text: string): string {
  const parts = text.split(/(\u{F0000}\w+\u{F0001})/u);
  return parts.map((part) => (hasReference(part) ? part : encoded(part))).join('');
}

function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(' ', '\0'))
    .replaceAll('%00', '+')
    .replace(/[!'()*]/g, (character) => {
      return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

import { ImportRefused } from '../import-refused.ts';

/** An option of a command line, by its long name. */
export interface CurlOption {
  readonly name: string;
  /** Empty for one that takes none. */
  readonly value: string;
  /** As it was written, for notes. */
  readonly written: string;
}

/** What stands in the command line of one transfer. */
export interface CurlArguments {
  readonly options: readonly CurlOption[];
  readonly urls: readonly string[];
}

/** Options that take a value, by their short names (https://curl.se/docs/manpage.html, 8.16). */
const VALUED_SHORT: Readonly<Record<string, string>> = {
  A: 'user-agent',
  b: 'cookie',
  c: 'cookie-jar',
  C: 'continue-at',
  d: 'data',
  D: 'dump-header',
  e: 'referer',
  E: 'cert',
  F: 'form',
  H: 'header',
  h: 'help',
  K: 'config',
  m: 'max-time',
  o: 'output',
  P: 'ftp-port',
  Q: 'quote',
  r: 'range',
  t: 'telnet-option',
  T: 'upload-file',
  u: 'user',
  U: 'proxy-user',
  w: 'write-out',
  x: 'proxy',
  X: 'request',
  y: 'speed-time',
  Y: 'speed-limit',
  z: 'time-cond',
};

const PLAIN_SHORT: Readonly<Record<string, string>> = {
  0: 'http1.0',
  1: 'tlsv1',
  2: 'sslv2',
  3: 'sslv3',
  4: 'ipv4',
  6: 'ipv6',
  '#': 'progress-bar',
  ':': 'next',
  a: 'append',
  B: 'use-ascii',
  f: 'fail',
  g: 'globoff',
  G: 'get',
  i: 'show-headers',
  I: 'head',
  j: 'junk-session-cookies',
  J: 'remote-header-name',
  k: 'insecure',
  l: 'list-only',
  L: 'location',
  M: 'manual',
  n: 'netrc',
  N: 'no-buffer',
  O: 'remote-name',
  p: 'proxytunnel',
  q: 'disable',
  R: 'remote-time',
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  V: 'version',
  Z: 'parallel',
};

const VALUED_LONG = new Set(
  `abstract-unix-socket alt-svc aws-sigv4 cacert capath cert-type ciphers connect-timeout connect-to
  create-file-mode crlfile curves data-ascii data-binary data-raw data-urlencode delegation
  dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url ech egd-file engine etag-compare
  etag-save expect100-timeout form-string happy-eyeballs-timeout-ms haproxy-clientip hostpubmd5
  hostpubsha256 hsts interface ip-tos json keepalive-cnt keepalive-time key key-type krb libcurl
  limit-rate local-port login-options max-filesize max-redirs netrc-file noproxy oauth2-bearer
  output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy-cacert
  proxy-cert proxy-header proxy-key proxy-pass proxy1.0 pubkey random-file rate referer
  request-target resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs socks4
  socks4a socks5 socks5-hostname stderr time-cond tls-max tls13-ciphers tlsauthtype tlspassword
  tlsuser trace trace-ascii trace-config unix-socket url url-query variable vlan-priority
  ${Object.values(VALUED_SHORT).join(' ')}`.split(/\s+/),
);

/** Reads the words behind `curl`; a part of its own for each transfer that `--next` begins. */
export function readArguments(words: readonly string[]): CurlArguments[] {
  const reader = new ArgumentReader(words);
  return reader.read();
}

class ArgumentReader {
  readonly #words: readonly string[];
  #at = 0;
  #options: CurlOption[] = [];
  #urls: string[] = [];
  readonly #transfers: CurlArguments[] = [];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  read(): CurlArguments[] {
    let onlyUrls = false;
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++]!;
      if (onlyUrls || word === '-' || !word.startsWith('-')) this.#urls.push(word);
      else if (word === '--') onlyUrls = true;
      else if (word.startsWith('--')) this.#long(word);
      else this.#short(word);
    }
    this.#endTransfer();
    return this.#transfers;
  }

  #long(word: string): void {
    const [, name = '', attached] = /^--([^=]*)(?:=([^]*))?$/.exec(word)!;
    if (!VALUED_LONG.has(name)) return this.#add({ name, value: '', written: word });
    const value = attached ?? this.#next(word);
    this.#add({ name, value, written: `--${name}` });
  }

  /** Several letters in one word; the first that takes a value takes the rest of the word. */
  #short(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      const written = `-${letter}`;
      const valued = VALUED_SHORT[letter];
      if (valued !== undefined) {
        const value = at + 1 < word.length ? word.slice(at + 1) : this.#next(written);
        return this.#add({ name: valued, value, written });
      }
      this.#add({ name: PLAIN_SHORT[letter] ?? letter, value: '', written });
    }
  }

  #next(written: string): string {
    const value = this.#words[this.#at++];
    if (value === undefined) throw new ImportRefused(`${written} stands without its value`);
    return value;
  }

  #add(option: CurlOption): void {
    if (option.name === 'next') this.#endTransfer();
    else if (option.name === 'url') this.#urls.push(option.value);
    else this.#options.push(option);
  }

  #endTransfer(): void {
    if (this.#options.length > 0 || this.#urls.length > 0) {
      this.#transfers.push({ options: this.#options, urls: this.#urls });
    }
    this.#options = [];
    this.#urls = [];
  }
}

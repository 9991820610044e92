import type { FileUse, TargetUse, UseProblem } from '../driver.ts';
import { TLS_FILE_KEYS } from '../wire/tls/tls-options.ts';
import type { HttpTargetOptions } from './http-config.ts';

/** What the raw client alone does. */
const NOT_WITH_SDK = ['redirects', 'cookies', 'dns', 'sourceAddresses', 'requestsPerConnection'];

/** What of an http target does not go together. */
export function checkHttpTarget({ url, connection, options }: TargetUse): UseProblem[] {
  const { tls, dns, sourceAddresses, requestsPerConnection } = options as HttpTargetOptions;
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase();
  const { redirects, auth, client, http, proxy } = options as HttpTargetOptions;
  const problems: UseProblem[] = [];
  const refuse = (key: string, message: string): void =>
    void problems.push({ path: [key], message });
  if (tls !== undefined && scheme !== undefined && scheme !== 'https:') {
    refuse('tls', 'is for a url that begins with https://');
  }
  if (scheme === 'unix:') {
    if (!/^unix:\/\/\/[^?#]+$/i.test(url)) refuse('url', 'expected unix:///path/of/the/socket');
    if (dns !== undefined) refuse('dns', 'a unix socket has no host');
    if (sourceAddresses !== undefined) refuse('sourceAddresses', 'a unix socket has no addresses');
  }
  if (requestsPerConnection !== undefined && connection === 'perRequest') {
    refuse('requestsPerConnection', 'connection: perRequest has one request each already');
  }
  if (redirects > 0 && auth?.sigv4 !== undefined) {
    refuse('redirects', 'a signed request is signed for one path: none can be followed');
  }
  if (client === 'sdk') {
    for (const key of NOT_WITH_SDK) {
      if (options[key]) refuse(key, 'client: sdk does not do this');
    }
    if (auth?.sigv4 !== undefined) refuse('auth', 'client: sdk does not sign requests');
    if (http === 2 && scheme !== undefined && scheme !== 'https:') {
      refuse('http', 'HTTP/2 needs a url that begins with https://');
    }
    if (scheme === 'unix:' && proxy !== undefined) refuse('proxy', 'a unix socket has no proxy');
  } else {
    if (http === 2) refuse('http', 'HTTP/2 needs client: sdk');
    if (proxy !== undefined) refuse('proxy', 'a proxy needs client: sdk');
  }
  return problems;
}

export function httpTargetFiles(options: Readonly<Record<string, unknown>>): FileUse[] {
  const { tls = {} } = options as { readonly tls?: Partial<Record<string, string>> };
  return TLS_FILE_KEYS.flatMap((key) => {
    const file = tls[key];
    return file === undefined ? [] : [{ path: ['tls', key], file }];
  });
}

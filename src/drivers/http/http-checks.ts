import type { FileUse, TargetUse, UseProblem } from '../driver.ts';
import { TLS_FILE_KEYS } from '../wire/tls/tls-options.ts';
import type { HttpTargetOptions } from './http-config.ts';

/** What of an http target does not go together. */
export function checkHttpTarget({ url, connection, options }: TargetUse): UseProblem[] {
  const { tls, dns, sourceAddresses, requestsPerConnection } = options as HttpTargetOptions;
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase();
  const { redirects, auth } = options as HttpTargetOptions;
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
  return problems;
}

export function httpTargetFiles(options: Readonly<Record<string, unknown>>): FileUse[] {
  const { tls = {} } = options as { readonly tls?: Partial<Record<string, string>> };
  return TLS_FILE_KEYS.flatMap((key) => {
    const file = tls[key];
    return file === undefined ? [] : [{ path: ['tls', key], file }];
  });
}

import type { FileUse, TargetUse, UseProblem } from '../../driver.ts';
import { TLS_FILE_KEYS } from '../../wire/tls/tls-options.ts';
import type { HttpConnectionOptions } from './http-connection-options.ts';

/** What of the connection keys of a target does not go together. */
export function checkHttpConnection({ url, connection, options }: TargetUse): UseProblem[] {
  const { tls, dns, sourceAddresses, requestsPerConnection } = options as HttpConnectionOptions;
  const scheme = schemeOf(url);
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
  return problems;
}

/** With its colon, in lower case; undefined where the url has none. */
export function schemeOf(url: string): string | undefined {
  return /^[a-z]+:/i.exec(url)?.[0].toLowerCase();
}

/** The files that the connection keys of a target name. */
export function httpConnectionFiles(options: Readonly<Record<string, unknown>>): FileUse[] {
  const { tls = {} } = options as { readonly tls?: Partial<Record<string, string>> };
  return TLS_FILE_KEYS.flatMap((key) => {
    const file = tls[key];
    return file === undefined ? [] : [{ path: ['tls', key], file }];
  });
}

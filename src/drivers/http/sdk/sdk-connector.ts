import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import type { DriverContext } from '../../driver.ts';
import { TlsClient } from '../../wire/tls/tls-client.ts';
import type { TlsOptions } from '../../wire/tls/tls-options.ts';
import { tlsFailure } from '../../wire/tls/tls-failure.ts';
import type { HttpTargetOptions } from '../http-config.ts';

export type OpenSocket = (opened: (error: Error | null, socket?: Socket) => void) => void;

/** Opens sockets as undici does, so that they can be opened ahead, timed and counted. */
export function socketOpener(context: DriverContext): OpenSocket {
  const url = new URL(context.url);
  const { http } = context.options as Partial<HttpTargetOptions>;
  const isSecure = url.protocol === 'https:';
  const open = buildConnector(connectOptions(context));
  const place = {
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    host: url.host,
    protocol: isSecure ? 'https:' : 'http:',
    port: url.port || (isSecure ? '443' : '80'),
  };
  return (opened) =>
    open(place, (error, socket) => {
      if (error !== null) opened(error);
      else if (http === 2 && (socket as TLSSocket).alpnProtocol !== 'h2') {
        socket.destroy();
        opened(new Error('the server does not speak HTTP/2'));
      } else opened(null, socket);
    });
}

/** What undici's connector takes: TLS as the raw client has it. */
export function connectOptions(context: DriverContext): buildConnector.BuildOptions {
  const url = new URL(context.url);
  const { http, tls: given } = context.options as Partial<HttpTargetOptions>;
  const tls: Partial<TlsOptions> = given ?? {};
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    ...(url.protocol === 'https:' && new TlsClient(host, tls, context).connectionOptions),
    ...(url.protocol === 'unix:' && { socketPath: decodeURIComponent(url.pathname) }),
    timeout: context.connectTimeoutMs,
    allowH2: http === 2,
    preferH2: true,
    maxCachedSessions: tls.resume === true ? 100 : 0,
    // Node's types of TLS options allow undefined where undici's do not.
  } as buildConnector.BuildOptions;
}

/** Why undici could not connect, in the words of the raw client. */
export function connectFailure(error: Error, context: DriverContext): string {
  const coded = error as NodeJS.ErrnoException;
  if (coded.code === 'UND_ERR_CONNECT_TIMEOUT') {
    return `not connected within ${context.connectTimeoutMs} ms`;
  }
  const url = new URL(context.url);
  if (url.protocol !== 'https:') return coded.code ?? error.message;
  const { tls } = context.options as Partial<HttpTargetOptions>;
  return tlsFailure(coded, { expectedName: tls?.serverName ?? url.hostname, isSecure: false });
}

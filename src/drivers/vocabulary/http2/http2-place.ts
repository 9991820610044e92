import type { DriverContext } from '../../driver.ts';
import type { Connection, ConnectionUser } from '../../wire/connection.ts';
import { TcpConnection } from '../../wire/tcp/tcp-connection.ts';
import { TlsClient } from '../../wire/tls/tls-client.ts';
import { TlsConnection } from '../../wire/tls/tls-connection.ts';
import type { HttpConnectionOptions } from '../http/http-connection-options.ts';
import { hostOf, placesOf } from '../http/http-connector.ts';

/** What a target's url says about its HTTP/2 connections. */
export interface Http2Place {
  /** What requests name as their host. */
  readonly authority: string;
  readonly isSecure: boolean;
  connectTo(address: string, user: ConnectionUser): Connection;
}

/** Where a url says none. */
const DEFAULT_PORTS = { plain: 80, secure: 443 };

/** `http` and `grpc` in the clear with prior knowledge, `https` and `grpcs` over TLS, or `unix:///path`. */
export function http2PlaceOf(context: DriverContext): Http2Place {
  const url = new URL(context.url);
  const options = context.options as HttpConnectionOptions;
  if (url.protocol === 'unix:') {
    const connectTo = (path: string, user: ConnectionUser): Connection =>
      new TcpConnection({ path }, user, context);
    return { authority: 'localhost', isSecure: false, connectTo };
  }
  const isSecure = isSecureUrl(url);
  const port = Number(url.port || (isSecure ? DEFAULT_PORTS.secure : DEFAULT_PORTS.plain));
  const placeOf = placesOf(port, options);
  if (!isSecure) {
    const connectTo = (address: string, user: ConnectionUser): Connection =>
      new TcpConnection(placeOf(address), user, context);
    return { authority: url.host, isSecure, connectTo };
  }
  const { name, baseFolder } = context;
  const client = new TlsClient(hostOf(url), options.tls ?? {}, {
    name,
    baseFolder,
    protocol: 'h2',
  });
  const connectTo = (address: string, user: ConnectionUser): Connection =>
    new TlsConnection(placeOf(address), user, context, client);
  return { authority: url.host, isSecure, connectTo };
}

export function isSecureUrl({ protocol }: URL): boolean {
  return protocol === 'grpcs:' || protocol === 'https:';
}

import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { DriverContext } from '../../driver.ts';
import type { Connection, ConnectionPlace, ConnectionUser } from '../../wire/connection.ts';
import { AddressList } from '../../wire/tcp/address-list.ts';
import { HostResolver, type AddressSource } from '../../wire/tcp/host-resolver.ts';
import { TcpConnection } from '../../wire/tcp/tcp-connection.ts';
import { TlsClient } from '../../wire/tls/tls-client.ts';
import { TlsConnection } from '../../wire/tls/tls-connection.ts';
import type { HttpConnectionOptions } from './http-connection-options.ts';

/** Opens a connection to one of the addresses of a target. */
export type Connector = (address: string, user: ConnectionUser) => Connection;

/** The connector for the scheme of the target's url. */
export function connectorOf(context: DriverContext): Connector {
  const url = new URL(context.url);
  const options = context.options as HttpConnectionOptions;
  switch (url.protocol) {
    case 'unix:':
      return (path, user) => new TcpConnection({ path }, user, context);
    case 'http:': {
      const placeOf = placesOf(Number(url.port || 80), options);
      return (address, user) => new TcpConnection(placeOf(address), user, context);
    }
    case 'https:': {
      const placeOf = placesOf(Number(url.port || 443), options);
      const client = new TlsClient(hostOf(url), options.tls ?? {}, context);
      return (address, user) => new TlsConnection(placeOf(address), user, context, client);
    }
    default:
      throw new LoadgenError('BUG', { reason: `the http driver was given ${url.protocol}` });
  }
}

/** Where the connections of a target go: for a unix socket its path stands for an address. */
export function addressSourceOf({ url: text, options, clock }: DriverContext): AddressSource {
  const url = new URL(text);
  const { dns } = options as HttpConnectionOptions;
  const isUnix = url.protocol === 'unix:';
  if (dns === undefined && !isUnix) return new HostResolver(hostOf(url));
  const addresses = isUnix ? [decodeURIComponent(url.pathname)] : (dns?.addresses ?? []);
  const inTurn = dns?.pick === 'in-turn';
  const ttlNs = dns?.ttl ?? Number.POSITIVE_INFINITY;
  return new AddressList({ host: hostOf(url), addresses, inTurn, ttlNs, clock });
}

/** The url that requests are made from: a unix socket has no host and no path of its own. */
export function requestUrl(text: string): URL {
  const url = new URL(text);
  return url.protocol === 'unix:' ? new URL('http://localhost/') : url;
}

/** As resolvers take it: an IPv6 address without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export function placesOf(
  port: number,
  options: HttpConnectionOptions,
): (address: string) => ConnectionPlace {
  const { sourceAddresses = [] } = options;
  if (sourceAddresses.length === 0) return (address) => ({ address, port });
  let turn = 0;
  return (address) => ({
    address,
    port,
    localAddress: sourceAddresses[turn++ % sourceAddresses.length],
  });
}

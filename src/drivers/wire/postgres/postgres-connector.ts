import type { Connection, ConnectionSurroundings, ConnectionUser } from '../connection.ts';
import { AddressList } from '../tcp/address-list.ts';
import { HostResolver, type AddressSource } from '../tcp/host-resolver.ts';
import { TcpConnection } from '../tcp/tcp-connection.ts';
import { TlsClient } from '../tls/tls-client.ts';
import { TlsConnection, type ClearOpening } from '../tls/tls-connection.ts';
import type { TlsOptions } from '../tls/tls-options.ts';
import { SSL_REQUEST } from './frontend-messages.ts';
import { socketPath, type PostgresPlace } from './postgres-url.ts';

export interface ConnectorOptions extends ConnectionSurroundings {
  /** The target's key in the scenario. */
  readonly name: string;
  readonly baseFolder: string;
  readonly place: PostgresPlace;
  /** Where the target says how it is secured. */
  readonly tls: Partial<TlsOptions> | undefined;
}

/** Opens connections of one target to any of its addresses. */
export interface PostgresConnector {
  readonly addresses: AddressSource;
  connect(address: string, user: ConnectionUser): Connection;
}

/** The name of the protocol in a TLS handshake; PostgreSQL 17 refuses any other. */
const ALPN = 'postgresql';
const AGREED = 0x53; // S

/** Asks for TLS as PostgreSQL's own clients do. */
const OPENING: ClearOpening = {
  request: SSL_REQUEST,
  refusal: (answer) => (answer === AGREED ? undefined : 'the server does not speak TLS'),
};

/** Throws TARGET_NOT_USABLE where a file of `tls` cannot be used. */
export function postgresConnector(options: ConnectorOptions): PostgresConnector {
  const { place, clock } = options;
  const { host, port } = place;
  const path = socketPath(place);
  if (path !== undefined) {
    const ttlNs = Number.POSITIVE_INFINITY;
    return {
      addresses: new AddressList({ host, addresses: [path], inTurn: false, ttlNs, clock }),
      connect: (address, user) => new TcpConnection({ path: address }, user, options),
    };
  }
  const addresses = new HostResolver(host);
  const tls = tlsOptionsOf(options);
  if (tls === undefined) {
    const connect: PostgresConnector['connect'] = (address, user) =>
      new TcpConnection({ address, port }, user, options);
    return { addresses, connect };
  }
  const client = new TlsClient(host, tls, { ...options, protocol: ALPN });
  return {
    addresses,
    connect: (address, user) =>
      new TlsConnection({ address, port }, user, options, client, OPENING),
  };
}

/** `sslmode=require` secures without looking at the certificate, as libpq does. */
function tlsOptionsOf({ place, tls }: ConnectorOptions): Partial<TlsOptions> | undefined {
  if (tls !== undefined) return tls;
  if (place.sslMode === 'disable') return undefined;
  return place.sslMode === 'require' ? { insecure: true } : {};
}

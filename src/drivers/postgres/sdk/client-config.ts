import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ClientConfig } from 'pg';
import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import type { DriverContext } from '../../driver.ts';
import { readPostgresUrl } from '../../wire/postgres/postgres-url.ts';
import type { TlsOptions } from '../../wire/tls/tls-options.ts';
import type { PostgresTargetOptions } from '../postgres-config.ts';

/** The target in pg's words. Throws TARGET_NOT_USABLE where a file of `tls` cannot be read. */
export function clientConfig(
  context: Pick<DriverContext, 'name' | 'url' | 'baseFolder' | 'options'> & {
    readonly connectTimeoutMs?: number;
  },
): ClientConfig {
  const { host, port, user, password, database, sslMode } = readPostgresUrl(context.url);
  const { tls, settings = {} } = context.options as Partial<PostgresTargetOptions>;
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${escaped(value)}`);
  return {
    host,
    port,
    user,
    database,
    application_name: 'loadgen',
    connectionTimeoutMillis: context.connectTimeoutMs ?? 5_000,
    ...(password !== undefined && { password }),
    ...(options.length > 0 && { options: options.join(' ') }),
    ...(tls !== undefined && { ssl: sslOptions(tls, context) }),
    ...(tls === undefined &&
      sslMode !== 'disable' && {
        ssl: { rejectUnauthorized: sslMode === 'verify-full' },
      }),
  };
}

/** In the startup option, a blank ends a setting unless it is escaped. */
function escaped(value: string | number | boolean): string {
  return String(value).replaceAll('\\', '\\\\').replaceAll(' ', '\\ ');
}

function sslOptions(
  { ca, cert, key, serverName, insecure }: Partial<TlsOptions>,
  { name, baseFolder }: Pick<DriverContext, 'name' | 'baseFolder'>,
) {
  const read = (file: string): Buffer => readFileSync(resolve(baseFolder, file));
  try {
    return {
      rejectUnauthorized: insecure !== true,
      ...(ca !== undefined && { ca: read(ca) }),
      ...(cert !== undefined && { cert: read(cert) }),
      ...(key !== undefined && { key: read(key) }),
      ...(serverName !== undefined && { servername: serverName }),
    };
  } catch (thrown) {
    const reason = `tls: ${reasonOf(thrown)}`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target: name, reason }, { cause: thrown });
  }
}

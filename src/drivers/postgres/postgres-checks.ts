import { reasonOf } from '../../base/errors/loadgen-error.ts';
import type { FileUse, TargetUse, UseProblem } from '../driver.ts';
import { readPostgresUrl } from '../wire/postgres/postgres-url.ts';
import { TLS_FILE_KEYS } from '../wire/tls/tls-options.ts';
import type { PostgresTargetOptions } from './postgres-config.ts';

/** Settings that the driver needs as they are: it sends and reads UTF-8. */
const OWN_SETTINGS = ['user', 'database', 'client_encoding', 'replication'];

/** What of a postgres target does not go together. */
export function checkPostgresTarget({ url, options }: TargetUse): UseProblem[] {
  const { settings = {}, tls } = options as Partial<PostgresTargetOptions>;
  const problems: UseProblem[] = [];
  const refuse = (path: readonly string[], message: string): void =>
    void problems.push({ path, message });
  for (const name of OWN_SETTINGS) {
    if (name in settings) refuse(['settings', name], 'is set by the url and the driver');
  }
  if (url === '') return problems;
  try {
    const { host } = readPostgresUrl(url);
    if (tls !== undefined && host.startsWith('/')) refuse(['tls'], 'a unix socket has no TLS');
  } catch (thrown) {
    refuse(['url'], reasonOf(thrown));
  }
  return problems;
}

export function postgresTargetFiles(options: Readonly<Record<string, unknown>>): FileUse[] {
  const { tls = {} } = options as { readonly tls?: Partial<Record<string, string>> };
  return TLS_FILE_KEYS.flatMap((key) => {
    const file = tls[key];
    return file === undefined ? [] : [{ path: ['tls', key], file }];
  });
}

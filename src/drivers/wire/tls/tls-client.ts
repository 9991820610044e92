import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls';
import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import type { TlsOptions } from './tls-options.ts';

/** What all TLS connections of one target have in common. */
export class TlsClient {
  /** The name that the server's certificate has to be for. */
  readonly expectedName: string;
  readonly #context: SecureContext;
  readonly #options: Partial<TlsOptions>;
  readonly #protocol: string;
  /** The newest session that a server gave, where sessions are resumed. */
  #session: Buffer | undefined;

  /** Throws TARGET_NOT_USABLE where a file cannot be read or holds something else. */
  constructor(host: string, options: Partial<TlsOptions>, target: TlsTarget) {
    this.expectedName = options.serverName ?? host;
    this.#options = options;
    this.#protocol = target.protocol ?? 'http/1.1';
    this.#context = secureContext(options, target);
  }

  /** For one connection, in the words of `tls.connect`. */
  get connectionOptions(): ConnectionOptions {
    const { expectedName } = this;
    return {
      secureContext: this.#context,
      // Addresses are no names to ask for (RFC 6066 section 3).
      servername: isIP(expectedName) === 0 ? expectedName : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(expectedName, certificate),
      rejectUnauthorized: this.#options.insecure !== true,
      ALPNProtocols: [this.#protocol],
      ...(this.#session !== undefined && { session: this.#session }),
    };
  }

  /** What to say of a server that agreed to `agreed`, where that is not what is to be spoken. */
  refusal(agreed: string | false | null): string | undefined {
    // Other protocols of ours are old enough for servers that say nothing.
    return this.#protocol === 'h2' && agreed !== 'h2' ? NO_HTTP2 : undefined;
  }

  keepSession(session: Buffer): void {
    if (this.#options.resume === true) this.#session = session;
  }
}

const NO_HTTP2 = 'the server does not speak HTTP/2';

export interface TlsTarget {
  /** Its key in the scenario. */
  readonly name: string;
  /** Files are relative to it. */
  readonly baseFolder: string;
  /** What is to be spoken over TLS, in the words of ALPN (RFC 7301); HTTP/1.1 by default. */
  readonly protocol?: 'http/1.1' | 'h2' | 'postgresql';
}

function secureContext(options: Partial<TlsOptions>, target: TlsTarget): SecureContext {
  const { ca, cert, key, minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = options;
  const files = { ca, cert, key };
  try {
    const contents = Object.entries(files).flatMap(([name, file]) =>
      file === undefined ? [] : [[name, readFileSync(resolve(target.baseFolder, file))]],
    );
    return createSecureContext({ ...Object.fromEntries(contents), minVersion, maxVersion });
  } catch (thrown) {
    const reason = `tls: ${reasonOf(thrown)}`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target: target.name, reason }, { cause: thrown });
  }
}

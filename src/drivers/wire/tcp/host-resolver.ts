import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Where the connections of one target go. */
export interface AddressSource {
  /** The addresses that the next connection tries in turn, where they are known. */
  next(): readonly string[] | undefined;
  /** The same once they are known; rejects with the error of the look-up. */
  resolve(): Promise<readonly string[]>;
  /** `address` was reached. */
  keep(address: string): void;
}

/** Turns a host name into addresses, in the order in which the system gives them. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export const systemLookup: Lookup = async (host) => {
  const addresses = await lookup(host, { all: true, verbatim: true });
  return addresses.map(({ address }) => address);
};

/**
 * The addresses of one host, looked up once and kept. Whoever asks meanwhile waits for the same
 * look-up; one that failed is tried again by the next who asks.
 */
export class HostResolver implements AddressSource {
  readonly #host: string;
  readonly #lookup: Lookup;
  #addresses: readonly string[] | undefined;
  #pending: Promise<readonly string[]> | undefined;

  constructor(host: string, lookupHost: Lookup = systemLookup) {
    this.#host = host;
    this.#lookup = lookupHost;
    if (isIP(host) !== 0) this.#addresses = [host];
  }

  next(): readonly string[] | undefined {
    return this.#addresses;
  }

  async resolve(): Promise<readonly string[]> {
    if (this.#addresses !== undefined) return this.#addresses;
    this.#pending ??= this.#lookup(this.#host);
    try {
      this.#addresses = await this.#pending;
      return this.#addresses;
    } finally {
      this.#pending = undefined;
    }
  }

  /** From now on only `address`, which was reached: `localhost` may have two and one server. */
  keep(address: string): void {
    this.#addresses = [address];
  }
}

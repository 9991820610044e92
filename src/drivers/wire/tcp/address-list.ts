import { isIP } from 'node:net';
import type { Clock } from '../../../base/time/clock.ts';
import { systemLookup, type AddressSource, type Lookup } from './host-resolver.ts';

export interface AddressListOptions {
  readonly host: string;
  /** Instead of a look-up; empty: the host is looked up. */
  readonly addresses: readonly string[];
  /** Each connection begins with the address after that of the one before it. */
  readonly inTurn: boolean;
  /** How long a look-up counts. */
  readonly ttlNs: number;
  readonly clock: Clock;
  readonly lookup?: Lookup;
}

/**
 * The addresses of a target as its scenario says: given or looked up, the first that answers or
 * all in turn, for ever or for some time. Whoever asks during a look-up waits for the same one.
 */
export class AddressList implements AddressSource {
  readonly #options: AddressListOptions;
  #addresses: readonly string[] = [];
  #lookedUpNs = Number.NEGATIVE_INFINITY;
  #pending: Promise<readonly string[]> | undefined;
  #turn = 0;

  constructor(options: AddressListOptions) {
    this.#options = options;
    const { addresses, host } = options;
    const fixed = isIP(host) !== 0 && addresses.length === 0 ? [host] : addresses;
    if (fixed.length === 0) return;
    this.#addresses = fixed;
    this.#lookedUpNs = Number.POSITIVE_INFINITY;
  }

  next(): readonly string[] | undefined {
    const { clock, ttlNs } = this.#options;
    if (this.#addresses.length === 0 || clock.nowNs() - this.#lookedUpNs >= ttlNs) return undefined;
    return this.#take();
  }

  async resolve(): Promise<readonly string[]> {
    const known = this.next();
    if (known !== undefined) return known;
    const { lookup = systemLookup, host } = this.#options;
    this.#pending ??= this.#kept(lookup(host));
    await this.#pending;
    return this.#take();
  }

  keep(address: string): void {
    if (!this.#options.inTurn) this.#addresses = putFirst(this.#addresses, address);
  }

  async #kept(lookup: Promise<readonly string[]>): Promise<readonly string[]> {
    try {
      this.#addresses = await lookup;
      this.#lookedUpNs = this.#options.clock.nowNs();
      return this.#addresses;
    } finally {
      this.#pending = undefined;
    }
  }

  #take(): readonly string[] {
    const addresses = this.#addresses;
    if (!this.#options.inTurn) return addresses;
    const first = this.#turn++ % addresses.length;
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }
}

function putFirst(addresses: readonly string[], first: string): readonly string[] {
  if (addresses[0] === first || !addresses.includes(first)) return addresses;
  return [first, ...addresses.filter((address) => address !== first)];
}

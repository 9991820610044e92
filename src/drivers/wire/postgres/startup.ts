import { BACKEND } from './backend-reader.ts';
import {
  md5Password,
  type SaltedPasswords,
  SCRAM_SHA_256,
  ScramExchange,
} from './authentication.ts';
import { utf8Bytes } from './byte-text.ts';
import { password, saslInitialResponse, saslResponse } from './frontend-messages.ts';
import type { PostgresPlace } from './postgres-url.ts';

/** Kinds of Authentication messages (PostgreSQL documentation, "Message Formats"). */
const AUTHENTICATION = {
  ok: 0,
  cleartext: 3,
  md5: 5,
  sasl: 10,
  saslContinue: 11,
  saslFinal: 12,
} as const;

/** Who a session is, and what the sessions of one target share to say so. */
export interface Credentials {
  readonly place: PostgresPlace;
  readonly salted: SaltedPasswords;
}

/** The key with which a session's work can be cancelled. */
export interface CancelKey {
  readonly processId: number;
  /** As it came: four bytes, more from protocol 3.2 on. */
  readonly secret: string;
}

/** What is said between the connection and the first query. */
export class Startup {
  /** Why the session cannot be opened, where that is not the server's own error. */
  failure: string | undefined;
  cancelKey: CancelKey | undefined;
  readonly #credentials: Credentials;
  #scram: ScramExchange | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Takes a message that belongs to it; returns what is to be written, if anything. */
  take(type: number, bytes: Buffer, from: number, to: number): string | undefined {
    if (type === BACKEND.authentication) {
      try {
        return this.#authenticate(bytes, from, to);
      } catch (thrown) {
        this.failure = (thrown as Error).message;
      }
    } else if (type === BACKEND.backendKeyData) {
      const secret = bytes.toString('latin1', from + 4, to);
      this.cancelKey = { processId: bytes.readInt32BE(from), secret };
    }
    return undefined;
  }

  #authenticate(bytes: Buffer, from: number, to: number): string | undefined {
    const kind = bytes.readInt32BE(from);
    const at = from + 4;
    const { user } = this.#credentials.place;
    switch (kind) {
      case AUTHENTICATION.ok:
        return undefined;
      case AUTHENTICATION.cleartext:
        return password(utf8Bytes(this.#password()));
      case AUTHENTICATION.md5:
        return password(md5Password(user, this.#password(), bytes.subarray(at, at + 4)));
      case AUTHENTICATION.sasl:
        return this.#beginScram(bytes.toString('latin1', at, to).split('\0'));
      case AUTHENTICATION.saslContinue:
        return saslResponse(this.#scram!.final(bytes.toString('utf8', at, to)));
      case AUTHENTICATION.saslFinal:
        if (!this.#scram!.accepts(bytes.toString('utf8', at, to))) {
          throw new Error('SCRAM: the server could not show that it knows the password');
        }
        return undefined;
      default:
        throw new Error(`the server asks for authentication of kind ${kind}, which is not spoken`);
    }
  }

  #beginScram(mechanisms: readonly string[]): string {
    if (!mechanisms.includes(SCRAM_SHA_256)) {
      const offered = mechanisms.filter((name) => name !== '').join(', ');
      throw new Error(`the server offers ${offered} only; ${SCRAM_SHA_256} is spoken`);
    }
    this.#scram = new ScramExchange(this.#password(), this.#credentials.salted);
    return saslInitialResponse(SCRAM_SHA_256, this.#scram.first());
  }

  #password(): string {
    const { password: text } = this.#credentials.place;
    if (text === undefined) throw new Error('the server asks for a password, and the url has none');
    return text;
  }
}

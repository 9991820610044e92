import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { utf8Bytes } from './byte-text.ts';

/** The answer to AuthenticationMD5Password: md5(md5(password + user) + salt), in hexadecimal. */
export function md5Password(user: string, password: string, salt: Buffer): string {
  const inner = md5(Buffer.from(password + user, 'utf8'));
  return `md5${md5(Buffer.concat([Buffer.from(inner, 'latin1'), salt]))}`;
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

export const SCRAM_SHA_256 = 'SCRAM-SHA-256';

/** No channel binding, and none supported. */
const GS2_HEADER = 'n,,';
const NONCE_BYTES = 18;
/** PostgreSQL's own default is 4,096; a server that asks for millions is no server of ours. */
const ITERATIONS_LIMIT = 1_000_000;

/** Salted passwords of one user, which cost thousands of hashes, for all connections. */
export class SaltedPasswords {
  readonly #salted = new Map<string, Buffer>();

  of(password: string, salt: string, iterations: number): Buffer {
    const key = `${iterations} ${salt}`;
    const known = this.#salted.get(key);
    if (known !== undefined) return known;
    const saltBytes = Buffer.from(salt, 'base64');
    const salted = pbkdf2Sync(password.normalize('NFKC'), saltBytes, iterations, 32, 'sha256');
    // A server gives each user one salt.
    this.#salted.clear();
    this.#salted.set(key, salted);
    return salted;
  }
}

/** One exchange of SCRAM-SHA-256 (RFC 5802, RFC 7677), as PostgreSQL uses it. */
export class ScramExchange {
  readonly #password: string;
  readonly #salted: SaltedPasswords;
  readonly #nonce: string;
  readonly #firstBare: string;
  #serverSignature: Buffer | undefined;

  constructor(
    password: string,
    salted: SaltedPasswords,
    nonce: string = randomBytes(NONCE_BYTES).toString('base64'),
  ) {
    this.#password = password;
    this.#salted = salted;
    this.#nonce = nonce;
    // PostgreSQL takes the user from the startup message and ignores this one.
    this.#firstBare = `n=,r=${nonce}`;
  }

  first(): string {
    return GS2_HEADER + this.#firstBare;
  }

  /** The answer to the server's first message. Throws an Error where that is not as it should be. */
  final(serverFirst: string): string {
    const { r: nonce = '', s: salt = '', i: count = '' } = attributes(serverFirst);
    const iterations = Number(count);
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw new Error('SCRAM: the server did not answer to our nonce');
    }
    if (!(iterations >= 1 && iterations <= ITERATIONS_LIMIT) || salt === '') {
      throw new Error('SCRAM: the server gave no salt, or no usable number of iterations');
    }
    const salted = this.#salted.of(this.#password, salt, iterations);
    const binding = Buffer.from(GS2_HEADER, 'latin1').toString('base64');
    const withoutProof = `c=${binding},r=${nonce}`;
    const said = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash('sha256').update(clientKey).digest();
    const signature = hmac(storedKey, said);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), said);
    return utf8Bytes(`${withoutProof},p=${proof.toString('base64')}`);
  }

  /** Whether the server knows the password too. */
  accepts(serverFinal: string): boolean {
    const { v = '' } = attributes(serverFinal);
    const given = Buffer.from(v, 'base64');
    const expected = this.#serverSignature;
    return expected?.length === given.length && timingSafeEqual(expected, given);
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** `r=abc,s=def` by letter. */
function attributes(text: string): Partial<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates made for one test run: an authority, and what it and others signed. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  /** For localhost and 127.0.0.1, signed by the authority. */
  readonly server: KeyPair;
  /** The same, out of date. */
  readonly expired: KeyPair;
  /** Signed by the authority, for other.test. */
  readonly otherName: KeyPair;
  /** For localhost, signed by itself. */
  readonly selfSigned: KeyPair;
  /** Of a client, signed by the authority. */
  readonly client: KeyPair;
  remove(): void;
}

/** Paths of PEM files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const LOCAL = 'DNS:localhost,IP:127.0.0.1';

/** Makes them with the openssl command. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-certificates-'));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const selfSigned = (name: string, subject: string, ...more: readonly string[]): KeyPair => {
    const out = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2'];
    openssl('req', '-x509', ...newKey, ...out, '-subj', `/CN=${subject}`, ...more);
    return { cert: path(`${name}.pem`), key: path(`${name}.key`) };
  };
  selfSigned('ca', 'test authority');
  let serial = 0;
  const signed = (name: string, names: string, ...dates: readonly string[]): KeyPair => {
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    openssl('req', ...newKey, ...request);
    writeFileSync(path(`${name}.ext`), `subjectAltName=${names}\n`);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', String(++serial)];
    const out = ['-out', `${name}.pem`, '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, ...out, ...dates);
    return { cert: path(`${name}.pem`), key: path(`${name}.key`) };
  };
  const valid = ['-days', '2'];
  return {
    folder,
    ca: path('ca.pem'),
    server: signed('server', LOCAL, ...valid),
    // OpenSSL 3 takes no end in the past but as a negative number of days.
    expired: signed('expired', LOCAL, '-days', '-1'),
    otherName: signed('other', 'DNS:other.test', ...valid),
    selfSigned: selfSigned('self', 'localhost', '-addext', `subjectAltName=${LOCAL}`),
    client: signed('client', 'DNS:client.test', ...valid),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

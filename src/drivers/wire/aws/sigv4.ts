import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  /** As AWS names it in signatures: s3, execute-api, sagemaker. */
  readonly service: string;
}

export interface RequestToSign {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly requestTarget: string;
  /** Every header to sign, each name once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hex, or UNSIGNED_PAYLOAD. */
  readonly payloadHash: string;
  /** UTC, as in 20150830T123600Z. */
  readonly time: string;
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs requests as AWS and stores that speak its S3 ask for (AWS General Reference, Signature
 * Version 4). The key of a day is made once.
 */
export class AwsSigner {
  readonly credentials: AwsCredentials;
  #day = '';
  #key: Buffer = Buffer.alloc(0);

  constructor(credentials: AwsCredentials) {
    this.credentials = credentials;
  }

  /** The value of the header Authorization. */
  authorization(request: RequestToSign): string {
    const { accessKeyId, region, service } = this.credentials;
    const headers = canonicalHeaders(request.headers);
    const signedHeaders = headers.map(([name]) => name).join(';');
    const canonicalRequest = [
      request.method,
      ...canonicalTarget(request.requestTarget, service),
      ...headers.map(([name, value]) => `${name}:${value}`),
      '',
      signedHeaders,
      request.payloadHash,
    ].join('\n');
    const day = request.time.slice(0, 8);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = [ALGORITHM, request.time, scope, sha256Hex(canonicalRequest)].join('\n');
    const signature = hmac(this.#keyOf(day), text).toString('hex');
    const credential = `Credential=${accessKeyId}/${scope}`;
    return `${ALGORITHM} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  }

  #keyOf(day: string): Buffer {
    if (day === this.#day) return this.#key;
    const { secretAccessKey, region, service } = this.credentials;
    const first: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
    this.#key = [day, region, service, 'aws4_request'].reduce(hmac, first);
    this.#day = day;
    return this.#key;
  }
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function canonicalHeaders(headers: RequestToSign['headers']): [string, string][] {
  return headers
    .map(([name, value]): [string, string] => [
      name.toLowerCase(),
      value.trim().replace(/ +/g, ' '),
    ])
    .toSorted(([a], [b]) => order(a, b));
}

/** Path and query. S3 takes its paths as they are, all others without dots and encoded twice. */
function canonicalTarget(requestTarget: string, service: string): [string, string] {
  const [path, query = ''] = splitOnce(requestTarget, '?');
  const encoded = path.split('/').map((segment) => encode(decode(segment)));
  const canonicalPath =
    service === 's3' ? encoded.join('/') : withoutDots(encoded).map(encode).join('/');
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => splitOnce(pair, '=').map((part = '') => encode(decode(part))))
    .toSorted(([a = '', x = ''], [b = '', y = '']) => order(a, b) || order(x, y));
  return [canonicalPath || '/', pairs.map(([name, value = '']) => `${name}=${value}`).join('&')];
}

/** RFC 3986 section 5.2.4, and no empty segments in between. */
function withoutDots(segments: readonly string[]): string[] {
  const kept: string[] = [];
  const last = segments.at(-1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  const isFolder = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return ['', ...(kept.length === 0 ? [''] : kept), ...(isFolder ? [''] : [])];
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Texts that are not encoded right are taken as they are. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** All but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** By code point, in no language's order. */
function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

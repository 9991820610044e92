import type { Scope } from '../../../base/expressions/template.ts';
import { sha256Hex, UNSIGNED_PAYLOAD, type AwsSigner } from '../../wire/aws/sigv4.ts';
import type { HeadFields, HttpHead } from './http-head.ts';

/** Not signed, since what stands between may change them; as AWS's own clients do. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'user-agent',
  'accept',
  'accept-encoding',
  'connection',
]);

/** A head that is signed anew for each request: the signature covers time, target and body. */
export function signedHead(fields: HeadFields, signer: AwsSigner, nowMs: () => number): HttpHead {
  const sign = signedFields(fields, signer, nowMs);
  return {
    constant: undefined,
    render(scope: Scope, body?: string): string {
      const { requestTarget, headers } = sign(scope, body);
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
      return `${fields.method} ${requestTarget} HTTP/1.1\r\n${lines.join('')}`;
    },
  };
}

/** What a signed head says, in whatever form it is sent. */
export interface SignedFields {
  readonly requestTarget: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export function signedFields(
  fields: HeadFields,
  signer: AwsSigner,
  nowMs: () => number,
): (scope: Scope, body?: string) => SignedFields {
  const { sessionToken, service } = signer.credentials;
  const { method } = fields;
  return (scope, body) => {
    const requestTarget = fields.requestTarget.render(scope);
    const payloadHash = body === undefined ? UNSIGNED_PAYLOAD : sha256Hex(body);
    const time = timeText(nowMs());
    const headers: [string, string][] = fields.headers
      .filter(([name]) => name.toLowerCase() !== 'authorization')
      .map(([name, value]) => [name, value.render(scope)]);
    headers.push(['X-Amz-Date', time]);
    if (service === 's3') headers.push(['X-Amz-Content-Sha256', payloadHash]);
    if (sessionToken) headers.push(['X-Amz-Security-Token', sessionToken]);
    const signed = headers.filter(([name]) => !UNSIGNED.has(name.toLowerCase()));
    const request = { method, requestTarget, headers: signed, payloadHash, time };
    headers.push(['Authorization', signer.authorization(request)]);
    return { requestTarget, headers };
  };
}

/** As in 20150830T123600Z. */
function timeText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

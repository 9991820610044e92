import { TemplateBuilder } from '../../../base/expressions/template-builder.ts';
import type { Scope, Template } from '../../../base/expressions/template.ts';
import type { VerbUse } from '../../driver.ts';
import { ACCEPTED_CODINGS } from '../../wire/body/body-decoder.ts';
import { basicAuthorization, constantAuthorization } from './http-auth.ts';
import { addTemplate } from './http-body.ts';
import type { HttpRequestSpec } from './http-request-schema.ts';
import type { HttpTarget } from './http-request.ts';
import { signedHead } from './signed-head.ts';
import { USER_AGENT } from './user-agent.ts';

/** Request line and headers, without content-length and the blank line. */
export interface HttpHead {
  /** The whole text when nothing in it changes. */
  readonly constant: string | undefined;
  /** `body` is what follows, where it is a text: a signature may cover it. */
  render(scope: Scope, body?: string): string;
}

/** The parts that a head is made of. */
export interface HeadFields {
  readonly method: string;
  readonly requestTarget: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
}

export interface HeadParts {
  readonly spec: HttpRequestSpec;
  readonly target: HttpTarget;
  readonly method: string;
  readonly contentType: string | undefined;
}

export function httpHead(use: VerbUse, parts: HeadParts): HttpHead {
  const fields = headFields(use, parts);
  const { signer, nowMs } = parts.target;
  return signer === undefined ? headTemplate(fields) : signedHead(fields, signer, nowMs);
}

export function headFields(use: VerbUse, parts: HeadParts): HeadFields {
  const { spec, target, method } = parts;
  const requestTarget = requestTargetTemplate(use, { spec, url: target.url });
  const headers = [...headersOf(parts)].map(
    ([name, value]) => [name, use.template(value, 'header')] as const,
  );
  return { method, requestTarget, headers };
}

function headTemplate({ method, requestTarget, headers }: HeadFields): Template {
  const builder = new TemplateBuilder();
  builder.addStatic(`${method} `);
  addTemplate(builder, requestTarget);
  builder.addStatic(' HTTP/1.1\r\n');
  for (const [name, value] of headers) {
    builder.addStatic(`${name}: `);
    addTemplate(builder, value);
    builder.addStatic('\r\n');
  }
  return builder.build();
}

interface TargetParts {
  readonly spec: HttpRequestSpec;
  readonly url: URL;
}

function requestTargetTemplate(use: VerbUse, { spec, url }: TargetParts): Template {
  const builder = new TemplateBuilder();
  const { path = '' } = spec;
  const basePath = path === '' ? url.pathname : url.pathname.replace(/\/$/, '');
  builder.addStatic(basePath);
  addTemplate(builder, use.template(path, 'url-path'));
  let separator = path.includes('?') ? '&' : '?';
  if (url.search !== '') {
    builder.addStatic(separator + url.search.slice(1));
    separator = '&';
  }
  for (const [name, value] of Object.entries(spec.query ?? {})) {
    builder.addStatic(`${separator}${encodeURIComponent(name)}=`);
    addTemplate(builder, use.template(String(value), 'url-query'), encodeURIComponent);
    separator = '&';
  }
  return builder.build();
}

/** Name as written → value: the step's win over the target's, those over the defaults. */
function headersOf({ spec, target, contentType }: HeadParts): Iterable<[string, string]> {
  const headers = new Map<string, [string, string]>();
  const set = (name: string, value: string): void => {
    headers.set(name.toLowerCase(), [name, value]);
  };
  set('Host', target.url.host);
  set('User-Agent', USER_AGENT);
  set('Accept', '*/*');
  if (target.decompress) set('Accept-Encoding', ACCEPTED_CODINGS);
  const authorization = authorizationOf(target);
  if (authorization !== undefined) set('Authorization', authorization);
  if (contentType !== undefined) set('Content-Type', contentType);
  for (const [name, value] of Object.entries(target.headers)) set(name, value);
  for (const [name, value] of Object.entries(spec.headers ?? {})) set(name, value);
  if (target.closeEach) set('Connection', 'close');
  return headers.values();
}

function authorizationOf({ url, auth }: HttpTarget): string | undefined {
  if (auth !== undefined) return constantAuthorization(auth);
  const { username, password } = url;
  if (username === '' && password === '') return undefined;
  return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password));
}

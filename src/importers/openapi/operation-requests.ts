import type { Body, CapturedRequest, Header } from '../captured-request.ts';
import { sendableHeaders } from '../compose-step.ts';
import type { HttpWords } from '../draft.ts';
import { hasReference } from '../literal.ts';
import { multipartText } from '../multipart-text.ts';
import type { Notes } from '../notes.ts';
import type { Secrets } from '../secrets.ts';
import { exampleValue } from './example-value.ts';
import { isMap, listOf, mapOf, textOf, type Json, type JsonMap } from './read-document.ts';
import type { References } from './references.ts';
import { credentialsOf } from './security.ts';

/** Examples of one body; more would be a data set, which belongs into a file. */
const MAX_EXAMPLES = 50;

/** An operation with its place in the document. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: JsonMap;
  /** Of the whole path. */
  readonly pathItem: JsonMap;
}

export interface OperationContext {
  readonly document: JsonMap;
  readonly references: References;
  readonly notes: Notes;
  readonly words: HttpWords;
  readonly secrets: Secrets;
  readonly server: { readonly url: URL; readonly base?: string };
}

interface Parameter {
  readonly name: string;
  readonly place: string;
  readonly value: Json;
}

/** The requests of an operation: one, or as many as there are examples of its body. */
export function operationRequests(
  { name, method, path, operation, pathItem }: Operation,
  context: OperationContext,
): CapturedRequest[] {
  const { document, server } = context;
  const parameters = parametersOf(operation, pathItem, context);
  const credentials = credentialsOf(operation, document, context);
  const url = urlOf(server.url, path, parameters);
  for (const [key, value] of credentials.query) url.searchParams.append(key, value);
  const cookies = [
    ...parameters
      .filter(({ place }) => place === 'cookie')
      .map((one) => [one.name, plain(one.value)]),
    ...credentials.cookies,
  ].map(([key, value]) => `${key}=${value}`);
  const own = parameters.filter(({ place }) => place === 'header');
  const bodies = bodiesOf(name, operation, context);
  return bodies.map(({ body, type }) => {
    const headers: Header[] = [
      ...own.map((one) => ({ name: one.name, value: plain(one.value) })),
      ...(cookies.length > 0 ? [{ name: 'Cookie', value: cookies.join('; ') }] : []),
      ...(type === undefined ? [] : [{ name: 'Content-Type', value: type }]),
      ...credentials.headers,
    ];
    return {
      name,
      method: method.toUpperCase(),
      url,
      ...(server.base !== undefined && { base: server.base }),
      headers: sendableHeaders(headers, context),
      ...(body && { body }),
    };
  });
}

/** Those that must be there; of the path and of the operation, which wins. */
function parametersOf(
  operation: JsonMap,
  pathItem: JsonMap,
  { references, notes }: OperationContext,
): Parameter[] {
  const all = [...listOf(pathItem['parameters']), ...listOf(operation['parameters'])];
  const byKey = new Map(
    all.map((one) => {
      const parameter = references.follow(one);
      return [`${textOf(parameter['in'])} ${textOf(parameter['name'])}`, parameter] as const;
    }),
  );
  return [...byKey.values()].flatMap((parameter) => {
    const { name, required, in: place } = parameter;
    if (typeof name !== 'string' || typeof place !== 'string') return [];
    if (required !== true && place !== 'path') {
      notes.add('Parameters that may be left out are left out.');
      return [];
    }
    // The document says so itself: these come from the body and the security schemes.
    if (place === 'header' && /^(?:accept|content-type|authorization)$/i.test(name)) return [];
    return [{ name, place, value: parameterValue(parameter, references) }];
  });
}

function parameterValue(parameter: JsonMap, references: References): Json {
  if (parameter['example'] !== undefined) return parameter['example'];
  const [example] = Object.values(mapOf(parameter['examples']));
  const value = references.follow(example)['value'];
  if (value !== undefined) return value;
  const [content] = Object.values(mapOf(parameter['content']));
  return exampleValue(parameter['schema'] ?? mapOf(content)['schema'], references);
}

function urlOf(server: URL, path: string, parameters: readonly Parameter[]): URL {
  const filled = path.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const found = parameters.find((one) => one.place === 'path' && one.name === name);
    return encoded(found === undefined ? 'text' : plain(found.value));
  });
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${filled}`;
  for (const { name, place, value } of parameters) {
    if (place === 'query') addQuery(url, name, value);
  }
  return url;
}

function encoded(text: string): string {
  return hasReference(text) ? text : encodeURIComponent(text === '' ? 'text' : text);
}

/** A list as a parameter of the same name again and again, the members of a map by brackets. */
function addQuery(url: URL, name: string, value: Json): void {
  if (Array.isArray(value)) {
    for (const item of value) url.searchParams.append(name, plain(item));
  } else if (isMap(value)) {
    for (const [key, member] of Object.entries(value)) {
      url.searchParams.append(`${name}[${key}]`, plain(member ?? null));
    }
  } else url.searchParams.append(name, plain(value));
}

function plain(value: Json): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

interface TypedBody {
  readonly body?: Body;
  readonly type?: string;
}

const JSON_TYPE = /^application\/(?:[^;]*\+)?json\s*(?:;|$)/i;

const PREFERRED = [
  JSON_TYPE,
  /^application\/x-www-form-urlencoded/i,
  /^multipart\/form-data/i,
  /^text\//i,
];

function bodiesOf(name: string, operation: JsonMap, context: OperationContext): TypedBody[] {
  const content = mapOf(context.references.follow(operation['requestBody'])['content']);
  const types = Object.keys(content);
  if (types.length === 0) return [{}];
  // application/*+json and the like name a range.
  const found = PREFERRED.map((kind) =>
    types.find((type) => kind.test(type) && !type.includes('*')),
  );
  const type = found.find((one) => one !== undefined);
  if (type === undefined) {
    const said = types.join(', ');
    context.notes.add(`${name}: a body of ${said} is not made; the request is sent without it.`);
    return [{}];
  }
  const values = examplesOf(mapOf(content[type]), context.references);
  return values.map((value) => bodyAs(type, value, name, context));
}

function examplesOf(media: JsonMap, references: References): readonly Json[] {
  if (media['example'] !== undefined) return [media['example']];
  const named = Object.values(mapOf(media['examples'])).slice(0, MAX_EXAMPLES);
  const values = named
    .map((one) => references.follow(one)['value'])
    .filter((value) => value !== undefined);
  return values.length > 0 ? values : [exampleValue(media['schema'], references)];
}

function bodyAs(type: string, value: Json, name: string, { notes }: OperationContext): TypedBody {
  if (JSON_TYPE.test(type)) return { body: { kind: 'json', value }, type };
  const pairs = Object.entries(mapOf(value)).map(([key, member]): [string, string] => {
    return [key, plain(member ?? null)];
  });
  if (/^application\/x-www-form/i.test(type)) {
    return { body: { kind: 'text', text: new URLSearchParams(pairs).toString() }, type };
  }
  if (/^multipart\//i.test(type)) {
    notes.add(`${name}: the parts of its multipart body are texts; put real files in their place.`);
    const multipart = multipartText(pairs.map(([key, content]) => ({ name: key, content })));
    return { body: { kind: 'text', text: multipart.text }, type: multipart.type };
  }
  return { body: { kind: 'text', text: plain(value) }, type };
}

import { headerOf, type Body, type CapturedRequest, type Header } from './captured-request.ts';
import type { DraftFeeder, DraftStep, HttpWords } from './draft.ts';
import { scenarioText } from './literal.ts';
import type { Notes } from './notes.ts';
import { formPairs } from './secrets.ts';
import type { UniqueNames } from './unique-names.ts';
import { VaryingFields } from './varying-value.ts';

export interface StepParts {
  readonly name: string;
  readonly target: string;
  /** One, or several that differ in values only. */
  readonly requests: readonly CapturedRequest[];
  readonly notes: Notes;
  readonly words: HttpWords;
  /** What the feeder is called if there is one. */
  readonly feeder: string;
  readonly fields: UniqueNames;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function canSend(method: string): boolean {
  return METHODS.has(method);
}

/** The driver computes these, or they belong to a connection or a protocol that it does not have. */
const NOT_SENT = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'http2-settings',
]);

/** One step of requests that differ in values at most; `common` are headers of the target. */
export function composeStep(
  parts: StepParts,
  common: readonly Header[],
): { step: DraftStep; feeder?: DraftFeeder } {
  const { requests, name, target } = parts;
  const [first] = requests as [CapturedRequest];
  const varying = new VaryingFields(parts.feeder, parts.fields);
  const request = {
    method: first.method,
    ...address(requests, varying),
    ...headers(parts, common, varying),
    ...body(requests, varying),
  };
  const feeder = varying.feeder();
  const statuses = new Set(requests.map(({ status }) => status));
  const [status] = statuses;
  // The driver takes any status below 400 for an answer that is ok.
  const expect = statuses.size === 1 && status !== undefined && status >= 400;
  const several = `${requests.length} requests became this step`;
  const comment = feeder
    ? `${several}; what differed is in ${feeder.name}.`
    : `${several}, all alike.`;
  return {
    step: {
      name,
      target,
      request,
      ...(expect && { expect: [`status == ${status}`] }),
      ...(requests.length > 1 && { comment }),
    },
    ...(feeder && { feeder }),
  };
}

function address(requests: readonly CapturedRequest[], varying: VaryingFields): object {
  const [{ url }] = requests as [CapturedRequest];
  const path = pathOf(requests, varying);
  const names = [...url.searchParams.keys()];
  if (names.length === 0) return { path: `${path}${scenarioText(asTarget(url.search))}` };
  // A map cannot hold a name twice.
  if (new Set(names).size < names.length || names.includes('__proto__')) {
    return { path: `${path}${scenarioText(asTarget(url.search))}` };
  }
  const query = names.map((name) => {
    const values = requests.map((request) => request.url.searchParams.get(name)!);
    return [name, varying.text(values, name)] as const;
  });
  return { path, query: Object.fromEntries(query) };
}

/** Segment by segment, so that only an identifier becomes a field. */
function pathOf(requests: readonly CapturedRequest[], varying: VaryingFields): string {
  const paths = requests.map(({ url }) => asTarget(url.pathname).split('/'));
  const [first] = paths as [string[]];
  const segments = first.map((_, index) => {
    const before = first[index - 1] ?? '';
    const values = paths.map((path) => path[index]!);
    return varying.text(values, `${before}_id`);
  });
  return segments.join('/');
}

/** References were percent-encoded by URL, and what a request target cannot hold is encoded. */
function asTarget(text: string): string {
  return text
    .replaceAll('%F3%B0%80%80', '\u{F0000}')
    .replaceAll('%F3%B0%80%81', '\u{F0001}')
    .replaceAll('{', '%7B')
    .replaceAll('}', '%7D');
}

function headers(parts: StepParts, common: readonly Header[], varying: VaryingFields): object {
  const [first] = parts.requests as [CapturedRequest];
  const shared = new Set(common.map(({ name }) => name.toLowerCase()));
  const own = first.headers.filter(({ name }) => !shared.has(name.toLowerCase()));
  const map: Record<string, string> = {};
  const seen = new Set<string>();
  for (const { name } of own) {
    const lowerCase = name.toLowerCase();
    if (seen.has(lowerCase) || isImplied(first, lowerCase)) continue;
    seen.add(lowerCase);
    const values = parts.requests.map((request) => joined(request, lowerCase));
    map[name] = varying.text(values, name);
  }
  return Object.keys(map).length > 0 ? { headers: map } : {};
}

/** What the driver sends of its own, always or for such a body. */
function isImplied({ body: itsBody, headers: all }: CapturedRequest, name: string): boolean {
  if (name === 'accept') return headerOf({ headers: all }, name) === '*/*';
  if (name !== 'content-type' || itsBody?.kind !== 'json') return false;
  return /^application\/json\s*(?:;\s*charset=utf-8)?$/i.test(headerOf({ headers: all }, name)!);
}

/** Fields of one name are one list; cookies have a separator of their own. */
function joined({ headers: all }: CapturedRequest, lowerCase: string): string {
  const values = all.filter(({ name }) => name.toLowerCase() === lowerCase);
  return values.map(({ value }) => value).join(lowerCase === 'cookie' ? '; ' : ', ');
}

/** What a target needs so that answers come compressed, as a header of the requests asked. */
export function decompressKeys(
  headers: readonly Header[],
  { targetKeys }: HttpWords,
): Readonly<Record<string, unknown>> {
  const isAsked = headers.some(({ name }) => name.toLowerCase() === 'accept-encoding');
  return isAsked && targetKeys.includes('decompress') ? { decompress: true } : {};
}

/** The headers of a request that can be sent, with a note about those that cannot. */
export function sendableHeaders(
  headers: readonly Header[],
  { notes, words }: { readonly notes: Notes; readonly words: HttpWords },
): Header[] {
  return headers.filter(({ name, value }) => {
    const lowerCase = name.toLowerCase();
    if (name.startsWith(':') || NOT_SENT.has(lowerCase)) return false;
    if (lowerCase === 'accept-encoding') {
      // Where a target can ask for it, `decompressKeys` does.
      if (!words.targetKeys.includes('decompress')) notes.add(NOT_DECOMPRESSED);
      return false;
    }
    if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && isFieldValue(value)) return true;
    notes.add(`The header ${name}: it holds characters that HTTP does not allow.`);
    return false;
  });
}

const NOT_DECOMPRESSED =
  'The header accept-encoding: answers are not decompressed, so none is asked for.';

function isFieldValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff\u{F0000}\u{F0001}]*$/u.test(value);
}

function body(requests: readonly CapturedRequest[], varying: VaryingFields): object {
  const bodies = requests.map((request) => request.body);
  const [first] = bodies;
  if (first === undefined) return {};
  if (first.kind === 'json') {
    const values = bodies.map((one) => (one as Body & { kind: 'json' }).value);
    return { json: varying.json(values, '') };
  }
  const texts = bodies.map((one) => (one as Body & { kind: 'text' }).text);
  return { text: formText(texts, varying) ?? varying.text(texts, 'body') };
}

/** Of forms with the same fields only the values that differ become fields; they stay encoded. */
function formText(texts: readonly string[], varying: VaryingFields): string | undefined {
  const forms = texts.map(formPairs);
  const [first] = forms;
  if (first === undefined || texts.length === 1) return undefined;
  const namesOf = (form: readonly (readonly [string, string])[] | undefined) =>
    JSON.stringify(form?.map(([name]) => name));
  if (forms.some((form) => namesOf(form) !== namesOf(first))) return undefined;
  const pairs = first.map(([name], index) => {
    const values = forms.map((form) => form![index]![1]);
    return `${scenarioText(name)}=${varying.text(values, name)}`;
  });
  return pairs.join('&');
}

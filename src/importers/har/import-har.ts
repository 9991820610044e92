import { z } from 'zod';
import { bodyOf, type Body, type CapturedRequest, type Header } from '../captured-request.ts';
import { composeDraft, kindOf } from '../compose-draft.ts';
import { canSend, decompressKeys, sendableHeaders } from '../compose-step.ts';
import type { Draft, HttpWords } from '../draft.ts';
import { ImportRefused } from '../import-refused.ts';
import { isChosenPath, type Choice, type ImportInput } from '../importer.ts';
import { mapScalars, withoutMarks } from '../literal.ts';
import { Notes } from '../notes.ts';
import { Secrets } from '../secrets.ts';

/** Entries of a capture: an hour of a busy page. */
const MAX_ENTRIES = 10_000;

const pair = z.object({ name: z.string(), value: z.string() });

/** What is read of an entry (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/). */
const entrySchema = z.object({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.array(pair).default([]),
    postData: z
      .object({
        mimeType: z.string().default(''),
        text: z.string().optional(),
        encoding: z.string().optional(),
        params: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
      })
      .optional(),
  }),
  response: z.object({ status: z.number().default(0) }).optional(),
});

const harSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

type Entry = z.output<typeof entrySchema>;

/** A scenario of what a browser recorded; entries that differ in values only are one step. */
export function importHar({ text, words, only }: ImportInput): Draft {
  const entries = entriesOf(text);
  const notes = new Notes();
  const requests: CapturedRequest[] = [];
  const left = new Map<string, number>();
  for (const entry of entries) {
    const url = URL.canParse(entry.request.url) ? new URL(entry.request.url) : undefined;
    const why = whyNot(entry, url, only);
    if (why === undefined) requests.push(requestOf(entry, url!, { notes, words }));
    else left.set(why, (left.get(why) ?? 0) + 1);
  }
  for (const [why, count] of left) notes.add(`${entriesWord(count)} left out: ${why}.`);
  if (requests.length === 0)
    throw new ImportRefused('no entry of it is a request that can be sent');
  notes.add('The pauses between the entries are not carried over.');
  const source = `From a HAR file with ${entriesWord(entries.length)}`;
  const secrets = new Secrets();
  const headers = entries.flatMap(({ request }) => request.headers);
  const targetKeys = decompressKeys(headers, words);
  return composeDraft({ source, targetKeys, requests, kindOf, notes, secrets, words });
}

function entriesWord(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}

function entriesOf(text: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ImportRefused(`it is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const har = harSchema.safeParse(parsed);
  if (!har.success) throw new ImportRefused('it is not a HAR file: it has no list log.entries');
  const { entries } = har.data.log;
  if (entries.length > MAX_ENTRIES) {
    throw new ImportRefused(
      `it has ${entries.length} entries, and ${MAX_ENTRIES} are read at most`,
    );
  }
  return entries.map((one, index) => {
    const entry = entrySchema.safeParse(one);
    if (entry.success) return withoutMarksIn(entry.data);
    const [issue] = entry.error.issues;
    const where = ['log', 'entries', index, ...issue!.path].join('.');
    throw new ImportRefused(`${where} is broken: ${issue!.message}`);
  });
}

function withoutMarksIn(entry: Entry): Entry {
  return mapScalars(entry, (value) => {
    return typeof value === 'string' ? withoutMarks(value) : value;
  }) as Entry;
}

function whyNot({ request }: Entry, url: URL | undefined, only: Choice): string | undefined {
  if (url === undefined) return 'their URL cannot be read';
  if (!['http:', 'https:'].includes(url.protocol)) return `${url.protocol} is not HTTP`;
  const { hosts } = only;
  if (hosts.length > 0 && !hosts.includes(url.hostname) && !hosts.includes(url.host)) {
    return 'they went to other hosts';
  }
  if (!isChosenPath(url.pathname, only)) return 'they have other paths';
  const method = request.method.toUpperCase();
  return canSend(method) ? undefined : `the method ${method} cannot be sent`;
}

function requestOf(
  { request, response }: Entry,
  url: URL,
  { notes, words }: { readonly notes: Notes; readonly words: HttpWords },
): CapturedRequest {
  const { postData } = request;
  const headers = [...request.headers];
  const body = postData === undefined ? undefined : bodyIn(postData, headers, notes);
  const isTyped = headers.some(({ name }) => name.toLowerCase() === 'content-type');
  if (body?.kind === 'text' && !isTyped && postData!.mimeType !== '') {
    headers.push({ name: 'Content-Type', value: postData!.mimeType });
  }
  return {
    method: request.method.toUpperCase(),
    url,
    headers: sendableHeaders(withoutConditions(headers, notes), { notes, words }),
    ...(body && { body }),
    // 0 is what browsers write of a request that was never answered.
    ...(response && response.status > 0 && { status: response.status }),
  };
}

/** They would ask the server for "not modified" again and again. */
function withoutConditions(headers: readonly Header[], notes: Notes): Header[] {
  return headers.filter(({ name }) => {
    if (!/^if-(?:none-match|modified-since|match|unmodified-since|range)$/i.test(name)) return true;
    notes.add(`The header ${name.toLowerCase()}, which only holds for what the browser had kept.`);
    return false;
  });
}

function bodyIn(
  { text, encoding, params, mimeType }: NonNullable<Entry['request']['postData']>,
  headers: readonly Header[],
  notes: Notes,
): Body | undefined {
  const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? mimeType;
  if (text === undefined || text === '') return params && formOf(params);
  const content = encoding === 'base64' ? decodedText(text) : text;
  if (content !== undefined) return bodyOf(content, type);
  notes.add(`A body of ${type || 'unknown type'} is not text; its request is sent without it.`);
  return undefined;
}

function decodedText(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

function formOf(params: readonly { name: string; value?: string | undefined }[]): Body | undefined {
  if (params.length === 0) return undefined;
  const pairs = params.map(({ name, value }) => [name, value ?? '']);
  return { kind: 'text', text: new URLSearchParams(pairs).toString() };
}

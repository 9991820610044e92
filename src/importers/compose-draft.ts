import { nameSchema } from '../base/expressions/name-schema.ts';
import { FIXED_ROOTS } from '../base/expressions/roots.ts';
import type { CapturedRequest, Header } from './captured-request.ts';
import { composeStep } from './compose-step.ts';
import type { Draft, DraftFeeder, DraftStep, DraftTarget, HttpWords } from './draft.ts';
import { ImportRefused } from './import-refused.ts';
import { scenarioText } from './literal.ts';
import type { Notes } from './notes.ts';
import type { Secrets } from './secrets.ts';
import { UniqueNames } from './unique-names.ts';

/** A scenario has at most 1,000 series, of which each step takes some. */
export const MAX_STEPS = 30;

export interface Captured {
  readonly source: string;
  readonly requests: readonly CapturedRequest[];
  /** Requests of which this says the same become one step; what differs in them must be values. */
  readonly kindOf: (request: CapturedRequest, index: number) => string;
  /** No step needs another. */
  readonly standAlone?: boolean;
  /** Keys of all targets, as the scenario writes them. */
  readonly targetKeys?: Readonly<Record<string, unknown>>;
  readonly notes: Notes;
  readonly secrets: Secrets;
  readonly words: HttpWords;
}

const isName = (name: string): boolean => nameSchema.safeParse(name).success;

/** What an expression reads beside feeders; a feeder called so would be refused. */
const NOT_FEEDERS = [...FIXED_ROOTS, 'status', 'json', 'headers', 'text'];

/** Makes targets, steps and feeders of requests that were captured. */
export function composeDraft(captured: Captured): Draft {
  const { secrets, notes, words } = captured;
  const targets = new Targets(captured);
  const hidden = captured.requests.map((request) => {
    return secrets.hideIn(request, targets.nameOf(request));
  });
  const groups = [...Map.groupBy(hidden, captured.kindOf).values()];
  if (groups.length > MAX_STEPS) {
    throw new ImportRefused(
      `it holds ${groups.length} different requests, and at most ${MAX_STEPS} become steps; ` +
        'choose some with --host (of a HAR file) or --path',
    );
  }
  const stepNames = new UniqueNames({ isUsable: isName });
  const feederNames = new UniqueNames({ taken: NOT_FEEDERS, isUsable: isName });
  const common = commonHeaders(targets, hidden);
  const steps: DraftStep[] = [];
  const feeders: DraftFeeder[] = [];
  for (const requests of groups) {
    const [first] = requests as [CapturedRequest];
    const name = stepNames.take(first.name ?? wordsOf(first), 'request');
    const target = targets.nameOf(first);
    const fields = new UniqueNames({ isUsable: isName });
    const feeder = feederNames.take(`${name}_rows`, 'rows');
    const parts = { name, target, requests, notes, words, feeder, fields };
    const composed = composeStep(parts, common.get(target) ?? []);
    steps.push({ ...composed.step, ...(captured.standAlone && { standsAlone: true }) });
    if (composed.feeder) feeders.push(composed.feeder);
  }
  const { variables } = secrets;
  const drafted = targets.drafts(common);
  const all = [...notes.all(), ...secrets.notes()];
  return { source: captured.source, targets: drafted, feeders, steps, variables, notes: all };
}

/** Names of hosts. */
class Targets {
  readonly #names = new Map<string, string>();
  readonly #captured: Captured;

  constructor(captured: Captured) {
    this.#captured = captured;
    const names = new UniqueNames({ isUsable: isName });
    const origins = [...new Set(captured.requests.map(originOf))];
    for (const origin of origins) {
      const wish = origins.length === 1 ? 'api' : hostWords(origin);
      this.#names.set(origin, names.take(wish, 'api'));
    }
  }

  nameOf(request: CapturedRequest): string {
    return this.#names.get(originOf(request))!;
  }

  drafts(common: ReadonlyMap<string, readonly Header[]>): DraftTarget[] {
    return [...this.#names].map(([origin, name]) => {
      const headers = common.get(name) ?? [];
      const keys = {
        ...this.#captured.targetKeys,
        ...(headers.length > 0 && { headers: headerMap(headers) }),
      };
      return { name, url: this.#url(origin, name), keys };
    });
  }

  /** Another address can be given by the environment, but for one that reads it already. */
  #url(origin: string, name: string): string {
    if (!URL.canParse(origin)) return scenarioText(origin);
    return `\${${name.toUpperCase()}_URL:-${this.#spoken(origin)}}`;
  }

  #spoken(origin: string): string {
    const { notes, words } = this.#captured;
    const { protocol, host } = new URL(origin);
    if (words.schemes.includes(protocol.slice(0, -1))) return origin;
    notes.add(
      `${origin}: this version does not speak ${protocol}//; the url is written with http.`,
    );
    return `http://${host}`;
  }
}

function headerMap(headers: readonly Header[]): Record<string, string> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, scenarioText(value)]));
}

function originOf({ url, base }: CapturedRequest): string {
  return base ?? url.origin;
}

function hostWords(origin: string): string {
  if (!URL.canParse(origin)) return 'api';
  return new URL(origin).hostname.replace(/^www\./, '').replace(/\.(?:com|org|net|io)$/, '');
}

/** "post_v1_embeddings". */
function wordsOf({ method, url }: CapturedRequest): string {
  const segments = normalPath(url)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '*');
  return [method.toLowerCase(), ...segments].join('_');
}

/** What the requests to a target all say the same; of a single request nothing is set apart. */
function commonHeaders(
  targets: Targets,
  requests: readonly CapturedRequest[],
): Map<string, readonly Header[]> {
  const byTarget = Map.groupBy(requests, (request) => targets.nameOf(request));
  const common = new Map<string, readonly Header[]>();
  for (const [name, those] of byTarget) {
    const [first] = those as [CapturedRequest];
    if (those.length < 2) continue;
    common.set(
      name,
      first.headers.filter((header) => {
        if (header.name.toLowerCase() === 'content-type') return false;
        return those.every((other) => hasHeader(other, header));
      }),
    );
  }
  return common;
}

function hasHeader({ headers }: CapturedRequest, { name, value }: Header): boolean {
  const same = headers.filter((other) => other.name.toLowerCase() === name.toLowerCase());
  return same.length === 1 && same[0]!.value === value;
}

/** The same for requests that ask for the same with other values. */
export function kindOf(request: CapturedRequest): string {
  const { method, url, body, status } = request;
  const query = [...new Set(url.searchParams.keys())].toSorted();
  const repeats = [...url.searchParams].length > query.length;
  const headers = request.headers.map(({ name }) => name.toLowerCase()).toSorted();
  const kind = Math.floor((status ?? 200) / 100) > 3 ? status : 'fine';
  const asked = [originOf(request), method, normalPath(url), repeats ? url.search : query];
  return JSON.stringify([...asked, body?.kind, headers, kind]);
}

const IDENTIFIER = /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=.*\d)[0-9a-f]{16,})$/i;

/** The path with what identifies a single thing left open. */
export function normalPath({ pathname }: URL): string {
  const segments = pathname.split('/');
  return segments.map((segment) => (IDENTIFIER.test(segment) ? '*' : segment)).join('/');
}

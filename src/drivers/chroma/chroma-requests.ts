import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { VerbUse } from '../driver.ts';
import { httpHead } from '../vocabulary/http/http-head.ts';
import {
  textRequest,
  type HttpOperation,
  type HttpTarget,
} from '../vocabulary/http/http-request.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import type { CollectionRequest } from '../vocabulary/vectors/collection-session.ts';
import type { RawHttpRequest } from '../vocabulary/vectors/raw-http-session.ts';
import {
  compileDelete,
  compileSearch,
  compileWrite,
  type DeleteCall,
  type SearchSettings,
  type WriteCall,
} from '../vocabulary/vectors/vector-calls.ts';
import type { VectorAnswer } from '../vocabulary/vectors/vector-result.ts';
import type { VectorTexts } from '../vocabulary/vectors/vector-texts.ts';
import { bytesOf } from '../vocabulary/vectors/vector-values.ts';
import { foundOf, type ChromaAnswer } from './chroma-answer.ts';
import { metadatasOf, whereOf } from './chroma-where.ts';

/** Stands in paths for the id of a collection, which is known when it is used first. */
const COLLECTION_MARK = 'loadgen-collection-id';

/** A request that names its collection by the id that Chroma gave it. */
type ChromaRequest = CollectionRequest<string>;

export interface ChromaPlace {
  readonly target: HttpTarget;
  readonly texts: VectorTexts;
  /** `/api/v2/tenants/…/collections` */
  readonly collectionsPath: string;
}

/** What a row of a step becomes: the body, and how its answer is read. */
interface ChromaBody {
  readonly collection: string;
  readonly body: string;
  read(session: HttpSession): VectorAnswer;
}

/** Compiles a verb of the measured path; undefined for the others. */
export function chromaRequests(
  use: VerbUse,
  place: ChromaPlace,
): ((scope: Scope) => ChromaRequest) | undefined {
  switch (use.verb) {
    case 'search':
      return requests(use, place, { action: 'query', bind: searchBody(use, place.texts) });
    case 'ingest':
      return requests(use, place, { action: 'add', bind: writeBody(use) });
    case 'update':
      return requests(use, place, { action: 'update', bind: writeBody(use) });
    case 'delete':
      return requests(use, place, { action: 'delete', bind: deleteBody(use) });
    default:
      return undefined;
  }
}

interface Action {
  readonly action: 'query' | 'add' | 'update' | 'delete';
  bind(scope: Scope): ChromaBody;
}

function requests(
  use: VerbUse,
  { target, collectionsPath }: ChromaPlace,
  { action, bind }: Action,
): (scope: Scope) => ChromaRequest {
  const operation: HttpOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    expectation: { bodiless: false, keepHead: false, keepBody: true },
  };
  const path = `${collectionsPath}/${COLLECTION_MARK}`;
  const contentType = 'application/json';
  const spec = { path: `${path}/${action}` };
  const head = httpHead(use, { spec, target, method: 'POST', contentType });
  const lookUpHead = httpHead(use, {
    spec: { path },
    target,
    method: 'GET',
    contentType: undefined,
  });
  const parts = head.constant?.split(COLLECTION_MARK);
  return (scope) => {
    const { collection, body, read } = bind(scope);
    return {
      collection,
      lookUp(): RawHttpRequest {
        const text = lookUpHead
          .render(scope)
          .replace(COLLECTION_MARK, encodeURIComponent(collection));
        const payload = `${text}\r\n`;
        return { http: { operation, payload, byteLength: payload.length }, read: () => ({}) };
      },
      with(id): RawHttpRequest {
        const [before, after] = parts ?? head.render(scope, body).split(COLLECTION_MARK);
        return { http: textRequest(operation, `${before}${id}${after}`, body), read };
      },
    };
  };
}

function searchBody(use: VerbUse, texts: VectorTexts): (scope: Scope) => ChromaBody {
  const bind = compileSearch(use);
  let last: { readonly settings: SearchSettings; readonly rest: string } | undefined;
  const restOf = (settings: SearchSettings): string => {
    if (last?.settings !== settings) last = { settings, rest: searchRest(settings) };
    return last.rest;
  };
  return (scope) => {
    const { settings, vector } = bind(scope);
    const body = `{"query_embeddings":[${texts.textOf(vector)}]${restOf(settings)}`;
    return { collection: settings.collection, body, read: readFound };
  };
}

/** What follows the vector. */
function searchRest({ k, filter, fields }: SearchSettings): string {
  const include = fields.length > 0 ? ['distances', 'metadatas'] : ['distances'];
  const where = whereOf(filter);
  return `,${JSON.stringify({ n_results: k, include, where }).slice(1)}`;
}

function readFound(session: HttpSession): VectorAnswer {
  return { found: foundOf(session.result['json'] as ChromaAnswer | undefined) };
}

/** Vectors go as base64 of their bytes, which takes no writing of numbers on either side. */
function writeBody(use: VerbUse): (scope: Scope) => ChromaBody {
  const bind = compileWrite(use);
  return (scope) => {
    const call = bind(scope);
    return {
      collection: call.collection,
      body: JSON.stringify(rowsOf(call)),
      read: () => ({ count: call.ids.length }),
    };
  };
}

function rowsOf({ ids, vectors, fields }: WriteCall): Record<string, unknown> {
  return {
    ids: ids.map(String),
    embeddings: vectors.map((vector) => bytesOf(vector).toString('base64')),
    metadatas: metadatasOf(fields, ids.length),
  };
}

function deleteBody(use: VerbUse): (scope: Scope) => ChromaBody {
  const bind = compileDelete(use);
  const textOf = ({ ids, filter }: DeleteCall): string =>
    JSON.stringify({ ids: ids?.map(String), where: whereOf(filter) });
  return (scope) => {
    const call = bind(scope);
    return { collection: call.collection, body: textOf(call), read: () => ({}) };
  };
}

import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { VerbUse } from '../driver.ts';
import { httpHead } from '../vocabulary/http/http-head.ts';
import {
  bytesRequest,
  type HttpOperation,
  type HttpTarget,
} from '../vocabulary/http/http-request.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import type { RawHttpRequest } from '../vocabulary/vectors/raw-http-session.ts';
import {
  compileDelete,
  compileSearch,
  compileWrite,
  type SearchSettings,
} from '../vocabulary/vectors/vector-calls.ts';
import { integerId } from '../vocabulary/vectors/vector-ids.ts';
import type { VectorAnswer } from '../vocabulary/vectors/vector-result.ts';
import { bytesOf } from '../vocabulary/vectors/vector-values.ts';
import { foundOf, headFrame, rowsFrames } from './faiss-frames.ts';

/** Stands in paths for the name of a collection, which a template may give. */
const COLLECTION_MARK = 'loadgen-collection';

/** What a row of a step becomes. */
interface FaissBody {
  readonly collection: string;
  readonly pieces: readonly Buffer[];
  read(session: HttpSession): VectorAnswer;
}

/** Compiles a verb of the measured path; undefined for the others. */
export function faissRequests(
  use: VerbUse,
  target: HttpTarget,
): ((scope: Scope) => RawHttpRequest) | undefined {
  switch (use.verb) {
    case 'search':
      return requests(use, target, { method: 'POST', path: 'search', bind: searchBody(use) });
    case 'ingest':
      return requests(use, target, { method: 'POST', path: 'rows', bind: writeBody(use) });
    case 'update':
      return requests(use, target, { method: 'PUT', path: 'rows', bind: writeBody(use) });
    case 'delete':
      return requests(use, target, { method: 'POST', path: 'delete', bind: deleteBody(use) });
    default:
      return undefined;
  }
}

interface Action {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  bind(scope: Scope): FaissBody;
}

function requests(
  use: VerbUse,
  target: HttpTarget,
  { method, path, bind }: Action,
): (scope: Scope) => RawHttpRequest {
  const operation: HttpOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    expectation: { bodiless: false, keepHead: false, keepBody: true },
  };
  const spec = { path: `/collections/${COLLECTION_MARK}/${path}` };
  const contentType = 'application/octet-stream';
  const head = httpHead(use, { spec, target, method, contentType });
  return (scope) => {
    const { collection, pieces, read } = bind(scope);
    const text = head.constant ?? head.render(scope);
    const named = text.replace(COLLECTION_MARK, encodeURIComponent(collection));
    return { http: bytesRequest(operation, named, pieces), read };
  };
}

function searchBody(use: VerbUse): (scope: Scope) => FaissBody {
  const bind = compileSearch(use);
  let last: { readonly settings: SearchSettings; readonly head: Buffer } | undefined;
  return (scope) => {
    const { settings, vector } = bind(scope);
    if (last?.settings !== settings) last = { settings, head: searchHead(settings) };
    return {
      collection: settings.collection,
      pieces: [last.head, bytesOf(vector)],
      read: (session) => ({ found: foundOf(session.answerBody, settings.fields) }),
    };
  };
}

function searchHead({ k, ef, nprobe, filter, fields }: SearchSettings): Buffer {
  return headFrame({ k, ef, nprobe, filter, return: fields.length === 0 ? undefined : fields });
}

function writeBody(use: VerbUse): (scope: Scope) => FaissBody {
  const bind = compileWrite(use);
  return (scope) => {
    const call = bind(scope);
    const { collection, ids } = call;
    return { collection, pieces: rowsFrames(call), read: () => ({ count: ids.length }) };
  };
}

function deleteBody(use: VerbUse): (scope: Scope) => FaissBody {
  const bind = compileDelete(use);
  return (scope) => {
    const { collection, ids, filter } = bind(scope);
    const wanted = ids === undefined ? { filter } : { ids: ids.map(integerId) };
    return { collection, pieces: [Buffer.from(JSON.stringify(wanted))], read: () => ({}) };
  };
}

import { ExpressionError } from '../../../base/expressions/expression-error.ts';
import type { Scope } from '../../../base/expressions/template.ts';
import type { VerbUse } from '../../driver.ts';
import type { Condition } from './vector-filter.ts';
import type { RowId } from './vector-ids.ts';
import { floatsOf } from './vector-values.ts';
import type {
  CreateSpec,
  DeleteSpec,
  DropSpec,
  ReadySpec,
  SearchSpec,
  WriteSpec,
} from './vector-schemas.ts';
import { bindList, bindText, bindWhole, bound, type Bound } from './bound-values.ts';

/** What a search asks for beside its vector: the same object as long as nothing in it changes. */
export interface SearchSettings {
  readonly collection: string;
  readonly k: number;
  readonly ef: number | undefined;
  readonly nprobe: number | undefined;
  readonly filter: readonly Condition[];
  /** Fields to return with each hit. */
  readonly fields: readonly string[];
}

export interface SearchCall {
  readonly verb: 'search';
  readonly settings: SearchSettings;
  readonly vector: Float32Array;
}

export interface WriteCall {
  readonly verb: 'ingest' | 'update';
  readonly collection: string;
  readonly ids: readonly RowId[];
  /** As many as ids, all of one length. */
  readonly vectors: readonly Float32Array[];
  /** By name, one value an id. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>;
}

export interface DeleteCall {
  readonly verb: 'delete';
  readonly collection: string;
  /** Undefined where a filter says which. */
  readonly ids: readonly RowId[] | undefined;
  readonly filter: readonly Condition[];
}

export interface CreateCall extends CreateSpec {
  readonly verb: 'create';
}

export interface DropCall {
  readonly verb: 'drop';
  readonly collection: string;
}

export interface ReadyCall {
  readonly verb: 'ready';
  readonly collection: string;
  readonly states: ReadySpec['states'];
  readonly rows: number | undefined;
  readonly everyNs: number;
}

/** A request of the shared vocabulary with everything in its place. */
export type VectorCall = SearchCall | WriteCall | DeleteCall | CreateCall | DropCall | ReadyCall;

/** Compiles a verb of the shared vocabulary; binding throws an ExpressionError for a bad row. */
export function compileCall(use: VerbUse): (scope: Scope) => VectorCall {
  switch (use.verb) {
    case 'search':
      return searchOf(use, use.spec as SearchSpec);
    case 'delete':
      return deletionOf(use, use.spec as DeleteSpec);
    case 'ready':
      return readyOf(use, use.spec as ReadySpec);
    case 'create': {
      const spec = use.spec as CreateSpec;
      const collection = bindText(use, spec.collection);
      return (scope) => ({ ...spec, verb: 'create', collection: collection.of(scope) });
    }
    case 'drop': {
      const collection = bindText(use, (use.spec as DropSpec).collection);
      return (scope) => ({ verb: 'drop', collection: collection.of(scope) });
    }
    default:
      return writeOf(use, use.spec as WriteSpec);
  }
}

/** A call whose kind the caller knows, since it compiled that verb. */
export function compileSearch(use: VerbUse): (scope: Scope) => SearchCall {
  return searchOf(use, use.spec as SearchSpec);
}

export function compileWrite(use: VerbUse): (scope: Scope) => WriteCall {
  return writeOf(use, use.spec as WriteSpec);
}

export function compileDelete(use: VerbUse): (scope: Scope) => DeleteCall {
  return deletionOf(use, use.spec as DeleteSpec);
}

function searchOf(use: VerbUse, spec: SearchSpec): (scope: Scope) => SearchCall {
  const settings = searchSettings(use, spec);
  const vector = bindVector(use, spec.vector);
  return (scope) => ({ verb: 'search', settings: settings.of(scope), vector: vector.of(scope) });
}

function searchSettings(use: VerbUse, spec: SearchSpec): Bound<SearchSettings> {
  const collection = bindText(use, spec.collection);
  const k = bindWhole(use, spec.k, 'k');
  const ef = spec.ef === undefined ? undefined : bindWhole(use, spec.ef, 'ef');
  const nprobe = spec.nprobe === undefined ? undefined : bindWhole(use, spec.nprobe, 'nprobe');
  const filter = bindFilter(use, spec.filter ?? []);
  const parts = [collection, k, ef, nprobe, filter];
  return bound(
    parts.every((part) => part?.isConstant !== false),
    (scope) => ({
      collection: collection.of(scope),
      k: k.of(scope),
      ef: ef?.of(scope),
      nprobe: nprobe?.of(scope),
      filter: filter.of(scope),
      fields: spec.return,
    }),
  );
}

function writeOf(use: VerbUse, spec: WriteSpec): (scope: Scope) => WriteCall {
  const verb = use.verb === 'update' ? 'update' : 'ingest';
  const collection = bindText(use, spec.collection);
  const ids = bindList(use, spec.ids);
  const vectors = bindVectors(use, spec.vectors);
  const fields = Object.entries(spec.fields ?? {}).map(
    ([name, values]) => [name, bindList(use, values)] as const,
  );
  return (scope) => {
    const call: WriteCall = {
      verb,
      collection: collection.of(scope),
      ids: ids.of(scope) as readonly RowId[],
      vectors: vectors.of(scope),
      fields: Object.fromEntries(fields.map(([name, values]) => [name, values.of(scope)])),
    };
    checkLengths(call);
    return call;
  };
}

function deletionOf(use: VerbUse, spec: DeleteSpec): (scope: Scope) => DeleteCall {
  const collection = bindText(use, spec.collection);
  const ids = spec.ids === undefined ? undefined : bindList(use, spec.ids);
  const filter = bindFilter(use, spec.filter ?? []);
  return (scope) => ({
    verb: 'delete',
    collection: collection.of(scope),
    ids: ids?.of(scope) as readonly RowId[] | undefined,
    filter: filter.of(scope),
  });
}

function readyOf(use: VerbUse, spec: ReadySpec): (scope: Scope) => ReadyCall {
  const collection = bindText(use, spec.collection);
  const rows = spec.rows === undefined ? undefined : bindWhole(use, spec.rows, 'rows');
  return (scope) => ({
    verb: 'ready',
    collection: collection.of(scope),
    states: spec.states,
    rows: rows?.of(scope),
    everyNs: spec.every,
  });
}

function bindVector(use: VerbUse, vector: SearchSpec['vector']): Bound<Float32Array> {
  if (typeof vector !== 'string') return bound(true, () => floatsOf(vector));
  const value = use.value(vector);
  return bound(false, (scope) => floatsOf(value(scope)));
}

function bindVectors(use: VerbUse, vectors: WriteSpec['vectors']): Bound<readonly Float32Array[]> {
  if (typeof vectors !== 'string') {
    const each = vectors.map((vector) => bindVector(use, vector));
    return bound(false, (scope) => each.map((vector) => vector.of(scope)));
  }
  const list = bindList(use, vectors);
  return bound(false, (scope) => {
    const found = list.of(scope);
    // One row's vector that came as a JSON list.
    return typeof found[0] === 'number' ? [floatsOf(found)] : found.map(floatsOf);
  });
}

function bindFilter(use: VerbUse, conditions: readonly Condition[]): Bound<readonly Condition[]> {
  const values = conditions.map(({ value }) => bindFilterValue(use, value));
  const isConstant = values.every((value) => value.isConstant);
  return bound(isConstant, (scope) =>
    conditions.map(({ field, operator }, index) => ({
      field,
      operator,
      value: values[index]!.of(scope) as Condition['value'],
    })),
  );
}

function bindFilterValue(use: VerbUse, value: Condition['value']): Bound<unknown> {
  if (typeof value === 'string') return bindText(use, value, (found) => found);
  return bound(true, () => value);
}

function checkLengths({ ids, vectors, fields }: WriteCall): void {
  const expected = ids.length;
  const say = (what: string, length: number): never => {
    throw new ExpressionError(`${expected} ids and ${length} ${what}`, { text: what });
  };
  if (vectors.length !== expected) say('vectors', vectors.length);
  for (const [name, values] of Object.entries(fields)) {
    if (values.length !== expected) say(name, values.length);
  }
  const dimension = vectors[0]?.length;
  const odd = vectors.find(({ length }) => length !== dimension);
  if (odd !== undefined) {
    const reason = `vectors of ${dimension} and of ${odd.length} numbers in one batch`;
    throw new ExpressionError(reason, { text: 'vectors' });
  }
}

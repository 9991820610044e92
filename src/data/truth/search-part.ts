import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { compileExpression } from '../../base/expressions/expression.ts';
import { membersOf } from '../../base/expressions/roots.ts';
import { openFeederRows } from '../feeder.ts';
import type { Row, RowSource } from '../row-source.ts';
import type { Nearest, SearchPart } from './exact-messages.ts';
import { RowSearch } from './search-rows.ts';
import { vectorOf } from './vector-of.ts';

/** Rows after which a thread says how far it is. */
const TOLD_ROWS = 2000;

/** Compares all queries with one part of the rows of each feeder. */
export async function searchPart(
  part: SearchPart,
  tell: (done: number, all: number) => void,
): Promise<Nearest> {
  const { truth, queries, dimension, width, context, index, of } = part;
  const search = new RowSearch(queries, { dimension, metric: truth.metric, width });
  const sources: { name: string; rows: RowSource; first: number; end: number }[] = [];
  for (const name of truth.over) {
    const rows = await openFeederRows(name, context);
    if (!Number.isFinite(rows.rowCount)) {
      const reason = `${name} goes on without end; give it \`rows\``;
      throw new LoadgenError('DATA_NOT_USABLE', { feeder: part.feeder, source: 'truth', reason });
    }
    const first = Math.floor((rows.rowCount * index) / of);
    sources.push({ name, rows, first, end: Math.floor((rows.rowCount * (index + 1)) / of) });
  }
  const all = sources.reduce((sum, { first, end }) => sum + end - first, 0);
  let done = 0;
  for (const [source, { name, rows, first, end }] of sources.entries()) {
    const counts = filterOf(part, name, rows);
    for (let row = first; row < end; row++) {
      if (++done % TOLD_ROWS === 0) tell(done, all);
      const value = rows.row(row);
      if (!counts(value)) continue;
      const vector = vectorOf(name, rows, row, value);
      checkLength(part, { name, row, found: vector.length });
      const id = idOf(part, { name, row, id: value['id'] });
      search.add(id * sources.length + source, vector);
    }
  }
  search.flush();
  tell(all, all);
  const { sizes, ids, distances } = search.heaps;
  return { sizes, ids, distances, longestSquared: search.longestSquared };
}

/** Whether a row counts. Throws DATA_NOT_USABLE for a filter that cannot be told of it. */
function filterOf(
  { truth, context, feeder }: SearchPart,
  name: string,
  { fields }: RowSource,
): (row: Row) => boolean {
  const { filter } = truth;
  if (filter === undefined) return () => true;
  const roots = { row: membersOf(fields), params: membersOf(Object.keys(context.params)) };
  const unusable = (reason: string): LoadgenError =>
    new LoadgenError('DATA_NOT_USABLE', { feeder, source: filter, reason: `${name}: ${reason}` });
  const attempt = <Result>(what: () => Result): Result => {
    try {
      return what();
    } catch (error) {
      throw unusable((error as Error).message);
    }
  };
  const expression = attempt(() => compileExpression(filter, { roots }));
  const scope: Record<string, unknown> = { params: context.params };
  return (row) => {
    scope['row'] = row;
    const value = attempt(() => expression.evaluate(scope));
    if (typeof value === 'boolean') return value;
    throw unusable(`expected true or false, found ${JSON.stringify(value)}`);
  };
}

function checkLength(
  { dimension, feeder }: SearchPart,
  { name, row, found }: { name: string; row: number; found: number },
): void {
  if (found === dimension) return;
  const reason = `expected ${dimension} numbers as its queries have, found ${found} in row ${row + 1}`;
  throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: name, reason });
}

function idOf(
  { feeder }: SearchPart,
  { name, row, id }: { name: string; row: number; id: unknown },
): number {
  if (typeof id === 'number') return id;
  const reason = `expected a number as the id of row ${row + 1}, found ${JSON.stringify(id)}`;
  throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: name, reason });
}

import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { compileExpression } from '../../base/expressions/expression.ts';
import { membersOf } from '../../base/expressions/roots.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { randomStream } from '../../base/random/counter-random.ts';
import { sampler, type Distribution } from '../../base/random/distribution.ts';
import { MAX_TOKENS } from '../limits.ts';
import type { Row } from '../row-source.ts';

/** Rows of another feeder that are looked at when one that reads them is opened. */
export const CHECKED_ROWS = 100_000;

/** What another feeder's row says: a CEL expression such as `trace.ContextTokens`. */
export interface Reference {
  readonly kind: 'from';
  readonly from: string;
}

/** A number of tokens: always the same, drawn, or read from another feeder's row. */
export type Length = number | Distribution | Reference;

/** As much of a feeder as another one reads. */
export interface ReadFeeder {
  readonly fields: readonly string[];
  readonly rowCount: number;
  readonly iterations: number;
  readonly perVu: boolean;
  readonly batch: number;
  row(iteration: number): Row;
}

/** What a generator's rows may depend on beside their number. */
export interface GeneratorContext {
  readonly feeder: string;
  readonly seed: number;
  readonly params: Scope;
  /** Names of the scenario's feeders. */
  readonly feeders: readonly string[];
  /** Opens another feeder. */
  open(name: string): Promise<ReadFeeder>;
}

/** The value of a row, where `position` is what other feeders are read at. */
export type RowValue<Value> = (row: number, position: number) => Value;

/** Whole numbers from 1. */
export async function openLength(
  length: Length,
  purpose: string,
  context: GeneratorContext,
): Promise<RowValue<number>> {
  if (typeof length === 'number') return () => length;
  if (length.kind === 'from') {
    const { read, rowCount } = await openReference(length, context);
    // So that a broken row ends a run before it starts.
    const checked = Math.min(rowCount, CHECKED_ROWS);
    for (let row = 0; row < checked; row++) numberOf(read(row), length, context);
    return (_, position) => atLeastOne(numberOf(read(position), length, context));
  }
  const stream = randomStream(context.seed, `data/${context.feeder}/${purpose}`);
  const draw = sampler(length, stream, { whole: true });
  return (row) => atLeastOne(draw(row));
}

function atLeastOne(length: number): number {
  return Math.min(Math.max(length, 1), MAX_TOKENS);
}

function numberOf(value: unknown, { from }: Reference, { feeder }: GeneratorContext): number {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.round(value);
  const found = typeof value === 'string' ? `the text ${JSON.stringify(value)}` : String(value);
  throw new LoadgenError('DATA_NOT_USABLE', {
    feeder,
    source: from,
    reason: `expected a number, found ${found}`,
  });
}

/** Reads other feeders' rows at a position. Throws DATA_NOT_USABLE. */
export async function openReference(
  { from }: Reference,
  context: GeneratorContext,
): Promise<{ readonly read: (position: number) => unknown; readonly rowCount: number }> {
  const { params } = context;
  const feeders = await feedersIn(from, context);
  const fields = [...feeders].map(([name, { fields: names }]) => [name, membersOf(names)] as const);
  const roots = { params: membersOf(Object.keys(params)), ...Object.fromEntries(fields) };
  const expression = asUnusable(from, context, () => compileExpression(from, { roots }));
  const scope: Scope = { params };
  const counts = [...feeders.values()].map(({ rowCount }) => rowCount);
  return {
    read(position) {
      for (const [name, feeder] of feeders) scope[name] = feeder.row(position);
      return asUnusable(from, context, () => expression.evaluate(scope));
    },
    rowCount: Math.max(1, ...counts.filter(Number.isFinite)),
  };
}

/** For how many positions the rows that `references` read last; Infinity where they come again. */
export async function lastingPositions(
  references: readonly Reference[],
  context: GeneratorContext,
): Promise<number> {
  let last = Number.POSITIVE_INFINITY;
  for (const { from } of references) {
    const read = await feedersIn(from, context);
    for (const { iterations } of read.values()) last = Math.min(last, iterations);
  }
  return last;
}

/** The other feeders that `from` reads, opened. */
async function feedersIn(
  from: string,
  context: GeneratorContext,
): Promise<ReadonlyMap<string, ReadFeeder>> {
  const roots = { params: 'any' as const, ...membersOfAny(context.feeders) };
  const { reads } = asUnusable(from, context, () => compileExpression(from, { roots }));
  const names = new Set([...reads].map((path) => path.split('.')[0]!));
  names.delete('params');
  const opened = new Map<string, ReadFeeder>();
  for (const name of names) {
    const feeder = await context.open(name);
    const reason = notReadable(name, feeder);
    if (reason !== undefined) {
      const { feeder: own } = context;
      throw new LoadgenError('DATA_NOT_USABLE', { feeder: own, source: from, reason });
    }
    opened.set(name, feeder);
  }
  return opened;
}

function membersOfAny(names: readonly string[]): Record<string, 'any'> {
  return Object.fromEntries(names.map((name) => [name, 'any']));
}

function notReadable(name: string, { perVu, batch }: ReadFeeder): string | undefined {
  if (perVu) return `${name} holds its rows for a VU, and other feeders read one an iteration`;
  return batch > 1
    ? `${name} gives ${batch} rows at a time, and other feeders read one`
    : undefined;
}

function asUnusable<Result>(
  from: string,
  { feeder }: GeneratorContext,
  attempt: () => Result,
): Result {
  try {
    return attempt();
  } catch (error) {
    const reason = reasonOf(error);
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: from, reason }, { cause: error });
  }
}

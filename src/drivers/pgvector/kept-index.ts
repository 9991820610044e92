import { wordOf, type IndexSettings } from '../vocabulary/vectors/index-settings.ts';
import { METHODS, METRICS } from './pgvector-sql.ts';

/** Of the table that `$1` names, the index of its vectors as PostgreSQL keeps it. */
export const INDEX_STATEMENT: string =
  'SELECT a.amname AS method, o.opcname AS class, c.reloptions AS parameters FROM pg_index i ' +
  'JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam ' +
  'JOIN pg_opclass o ON o.oid = i.indclass[0] ' +
  `WHERE i.indrelid = $1::regclass AND a.amname IN ('${METHODS.hnsw}', '${METHODS['ivf-flat']}')`;

export interface IndexRow {
  readonly method: string;
  readonly class: string;
  /** `m=16`; null where nothing was said. */
  readonly parameters: readonly string[] | null;
}

/** Parameters that nobody said are pgvector's own, and PostgreSQL does not tell them. */
export function settingsOf(row: IndexRow | undefined): IndexSettings {
  if (row === undefined) return { kind: 'flat' };
  const said = new Map((row.parameters ?? []).map((pair) => pair.split('=') as [string, string]));
  const number = (name: string) => (said.has(name) ? Number(said.get(name)) : undefined);
  const classes = Object.fromEntries(
    Object.entries(METRICS).map(([metric, { operatorClass }]) => [metric, operatorClass]),
  );
  return {
    kind: wordOf(METHODS, row.method),
    metric: wordOf(classes, row.class),
    m: number('m'),
    efConstruction: number('ef_construction'),
    lists: number('lists'),
  };
}

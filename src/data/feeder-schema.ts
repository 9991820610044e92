import { z } from 'zod';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { FIXED_ROOTS } from '../base/expressions/roots.ts';
import {
  GENERATOR_RULES,
  generatorFields,
  generatorKeys,
  type GeneratorSource,
  toGeneratorSource,
} from './generators/generator-schema.ts';
import { MAX_BATCH, MAX_GENERATED_ROWS, MAX_GENERATED_TOKENS, MAX_ROWS } from './limits.ts';
import { ROW_ORDERS, type Pick } from './row-order.ts';
import {
  CONTAINER_FORMATS,
  isTableFormat,
  TABLE_FORMATS,
  tableFormatOf,
  type TableFormat,
} from './tables/table-formats.ts';
import { type TruthSpec, truthSchema } from './truth/truth-schema.ts';

const DEFAULT_GENERATED_ROWS = 1000;

const ROW_FORMATS = ['lines', 'csv', 'json', 'jsonl', 'parquet'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];
export const FILE_FORMATS = [...ROW_FORMATS, ...TABLE_FORMATS] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

const PICKS = Object.keys(ROW_ORDERS) as [Pick, ...Pick[]];

const keys = z.strictObject({
  file: z.string().min(1).optional().meta({
    description: 'A file of rows, relative to the scenario.',
  }),
  format: z.enum(FILE_FORMATS).optional().meta({
    description:
      'How `file` is read; by default as its name ends (.csv, .json for one list of objects, .jsonl or .ndjson, .parquet, .hdf5 or .h5, .npy, .fvecs, .fbin and their kin), else `lines`: UTF-8 text, a row per line, empty ones left out, in the field `line`. Vectors by number give `id` (the row’s number from 0, or its own) and `vector`. `vectordbbench` and `qdrant` are folders with the files of those benchmarks. docs/datasets.md has them all.',
  }),
  table: z.string().min(1).optional().meta({
    description:
      'Of a file that holds several (`hdf5`, `vectordbbench`, `qdrant`): `train` by default, or `test` for its queries.',
  }),
  files: z.string().min(1).optional().meta({
    description:
      'A row per file that this pattern finds (`wav/*.wav`), in the order of their paths: `path`, `bytes` (the size), and for WAV files `seconds`.',
  }),
  sidecar: z
    .record(nameSchema, z.string().regex(/^\.?[\w-][\w.-]*$/, 'how a file name ends, such as .txt'))
    .optional()
    .meta({
      description:
        'With `files`: field → ending of the file beside each that holds its text, such as `{ text: .txt }`.',
    }),
  inline: z
    .array(z.record(nameSchema, z.json()))
    .min(1)
    .optional()
    .meta({ description: 'The rows themselves, each a map of fields.' }),
  ...generatorKeys,
  rows: z
    .int()
    .min(1)
    .max(MAX_ROWS)
    .optional()
    .meta({
      description: `How many rows to use: all of a source by default, ${DEFAULT_GENERATED_ROWS} of \`generate: text\`.`,
    }),
  skip: z.int().min(0).default(0).meta({ description: 'Rows to leave out at the beginning.' }),
  where: z.string().min(1).optional().meta({
    description:
      'CEL: of the rows that `skip` and `rows` leave, those for which it is true. It reads the row under the feeder’s own name: `where: size(chats.conversations) >= 2`.',
  }),
  batch: z.int().min(1).max(MAX_BATCH).default(1).meta({
    description: 'Rows an iteration takes. Above 1 each field is a list of that length.',
  }),
  pick: z
    .enum(PICKS)
    .default('sequential')
    .meta({
      description: `Which row comes, the same for any number of workers. ${PICKS.map(
        (pick) => `${pick}: ${ROW_ORDERS[pick].summary}`,
      ).join(' ')}`,
    }),
  truth: truthSchema.optional().meta({
    description:
      'Gives rows the field `truth` for `score`: `{ ids, distances }`, each a data set in the same file, a field of the same rows or a file of ground truth; or `{ exactOver: docs, metric, k, filter }`, which finds the exact neighbours before anything is measured.',
  }),
  per: z.enum(['iteration', 'vu']).default('iteration').meta({
    description:
      'How long a row is held: for one iteration, or for the life of a virtual user (of a place in flight where arrivals are planned).',
  }),
});

type Keys = z.output<typeof keys>;

/** Where rows come from; paths are relative to the scenario's folder. */
export type FeederSource =
  | { readonly kind: RowFormat; readonly file: string }
  | { readonly kind: TableFormat; readonly file: string; readonly table?: string }
  | {
      readonly kind: 'files';
      readonly pattern: string;
      readonly sidecar: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'inline'; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | GeneratorSource;

/** A feeder with nothing left open: plain data, opened by `openFeeder`. */
export interface FeederSpec {
  readonly source: FeederSource;
  /** How many rows of the source; all of them when absent. */
  readonly rows?: number;
  readonly skip: number;
  /** Of these rows, those for which this CEL expression is true. */
  readonly where?: string;
  readonly batch: number;
  readonly pick: Pick;
  /** A row is held for the life of a VU. */
  readonly perVu?: true;
  /** Where the field `truth` comes from. */
  readonly truth?: TruthSpec;
}

/** One feeder under `data`. */
export const feederSchema: z.ZodType<FeederSpec> = keys
  .superRefine((feeder, context) => {
    for (const { key, message } of misfits(feeder)) {
      context.addIssue({ code: 'custom', path: key === undefined ? [] : [key], message });
    }
  })
  .transform(toSpec)
  .meta({ description: 'A feeder: where rows come from, and which one an iteration gets.' });

const feederNameSchema = nameSchema.refine(
  (name) => !(FIXED_ROOTS as readonly string[]).includes(name),
  { error: ({ input }) => `"${String(input)}" is what expressions call something else` },
);

/** The section `data`: feeders by name. */
export const dataSchema: z.ZodType<Readonly<Record<string, FeederSpec>>> = z
  .record(feederNameSchema, feederSchema)
  .meta({ description: 'Feeders by name: `{{ name.field }}` reads the row of this iteration.' });

/** The fields of a feeder's rows as far as they are known without opening anything. */
export function dataFields({ source, truth }: FeederSpec): readonly string[] | 'any' {
  const fields = sourceFields(source);
  return fields === 'any' || truth === undefined ? fields : [...fields, 'truth'];
}

function sourceFields(source: FeederSource): readonly string[] | 'any' {
  if (source.kind === 'lines') return ['line'];
  if (isTableFormat(source.kind) && source.kind !== 'qdrant') return ['id', 'vector'];
  if (isGenerated(source)) return generatorFields(source);
  if (source.kind !== 'inline') return 'any';
  return [...new Set(source.rows.flatMap((row) => Object.keys(row)))];
}

export function isGenerated(source: FeederSource): source is GeneratorSource {
  return source.kind in GENERATOR_RULES;
}

/**
 * Whether a look at the scenario may open it, however large it is: a table is not read for that,
 * while text is, and columns would be written to the cache row by row.
 */
export function opensAtOnce({ source }: FeederSpec): boolean {
  return isTableFormat(source.kind) && source.kind !== 'vectordbbench';
}

/** Whether something is made and kept before rows can be read: columns row by row, neighbours. */
export function needsPreparation({ source, truth }: FeederSpec): boolean {
  return source.kind === 'vectordbbench' || truth?.kind === 'exact';
}

interface Misfit {
  readonly key?: keyof Keys;
  readonly message: string;
}

const SOURCES = ['file', 'files', 'inline', 'generate'] as const;
/** Keys that mean something beside one source only. */
const BELONGS_TO: readonly (readonly [keyof Keys, (typeof SOURCES)[number]])[] = [
  ['format', 'file'],
  ['table', 'file'],
  ['sidecar', 'files'],
  ...Object.keys(generatorKeys)
    .filter((key) => key !== 'generate')
    .map((key) => [key as keyof Keys, 'generate'] as const),
];

function misfits(feeder: Keys): readonly Misfit[] {
  const given = SOURCES.filter((source) => feeder[source] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    return [{ message: `needs exactly one of file, files, inline and generate; it has ${found}` }];
  }
  const strangers = BELONGS_TO.filter(
    ([key, source]) => feeder[key] !== undefined && source !== given[0],
  ).map(([key, source]) => ({ key, message: `means something beside \`${source}\` only` }));
  return [
    ...strangers,
    ...(feeder.generate === undefined ? [] : generatorMisfits(feeder)),
    ...tableMisfits(feeder),
    ...whereMisfits(feeder),
    ...(feeder.per === 'vu' && feeder.batch > 1
      ? [{ key: 'batch' as const, message: 'means nothing with per: vu, which holds one row' }]
      : []),
  ];
}

function whereMisfits({ where, truth, generate, rows }: Keys): Misfit[] {
  if (where === undefined) return [];
  if (truth !== undefined) {
    return [{ key: 'where', message: 'cannot stand beside `truth`, which counts all rows' }];
  }
  if (generate === undefined || generate === 'text' || rows !== undefined) return [];
  return [{ key: 'rows', message: 'is needed by `where`: what is generated goes on without end' }];
}

function tableMisfits({ file, format, table }: Keys): Misfit[] {
  if (table === undefined || file === undefined) return [];
  const kind = format ?? formatOf(file);
  if ((CONTAINER_FORMATS as readonly string[]).includes(kind)) return [];
  return [
    { key: 'table', message: `means nothing to a file of the format ${kind}: it is one table` },
  ];
}

function generatorMisfits(feeder: Keys): Misfit[] {
  const { generate, rows, pick } = feeder;
  const { needs, takes } = GENERATOR_RULES[generate!];
  const missing = needs.find((key) => feeder[key] === undefined);
  if (missing !== undefined) {
    return [{ key: missing, message: `is needed by \`generate: ${generate}\`` }];
  }
  const strangers = (Object.keys(generatorKeys) as (keyof typeof generatorKeys)[])
    .filter((key) => key !== 'generate' && feeder[key] !== undefined)
    .filter((key) => !needs.includes(key) && !takes.includes(key))
    .map((key) => ({ key, message: `means nothing to \`generate: ${generate}\`` }));
  if (feeder.salt === true && feeder.prefix !== undefined) {
    strangers.push({
      key: 'salt',
      message: 'begins each prompt anew, and `prefix` shares beginnings',
    });
  }
  if (generate === 'text') return [...strangers, ...textMisfits(feeder)];
  if (pick === 'sequential' || rows !== undefined) return strangers;
  return [...strangers, { key: 'rows', message: `is needed by \`pick: ${pick}\`` }];
}

/** Texts are kept in memory. */
function textMisfits({ tokens, rows = DEFAULT_GENERATED_ROWS, skip }: Keys): Misfit[] {
  const made = rows + skip;
  if (made > MAX_GENERATED_ROWS) {
    return [{ key: 'rows', message: `a generator makes at most ${MAX_GENERATED_ROWS} texts` }];
  }
  if (typeof tokens === 'number' && made * tokens > MAX_GENERATED_TOKENS) {
    const most = Math.floor(MAX_GENERATED_TOKENS / tokens);
    return [{ key: 'rows', message: `at most ${most} rows of ${tokens} tokens can be made` }];
  }
  return [];
}

function toSpec(feeder: Keys): FeederSpec {
  const { skip, where, batch, pick, per, truth } = feeder;
  const rows = feeder.rows ?? (feeder.generate === 'text' ? DEFAULT_GENERATED_ROWS : undefined);
  return {
    source: toSource(feeder),
    ...(rows !== undefined && { rows }),
    skip,
    ...(where !== undefined && { where }),
    batch,
    pick,
    ...(per === 'vu' && { perVu: true }),
    ...(truth !== undefined && { truth }),
  };
}

function toSource(keys: Keys): FeederSource {
  const { file, files, sidecar = {}, inline } = keys;
  if (file !== undefined) {
    const kind = keys.format ?? formatOf(file);
    const { table } = keys;
    return { kind, file, ...(table !== undefined && { table }) } as FeederSource;
  }
  if (files !== undefined) return { kind: 'files', pattern: files, sidecar };
  if (inline !== undefined) return { kind: 'inline', rows: inline };
  return toGeneratorSource(keys);
}

const ENDINGS: readonly (readonly [ending: RegExp, format: RowFormat])[] = [
  [/\.csv$/i, 'csv'],
  [/\.json$/i, 'json'],
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.parquet$/i, 'parquet'],
];

function formatOf(file: string): FileFormat {
  const rows = ENDINGS.find(([ending]) => ending.test(file))?.[1];
  return rows ?? tableFormatOf(file) ?? 'lines';
}

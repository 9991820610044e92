import { z } from 'zod';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { FIXED_ROOTS } from '../base/expressions/roots.ts';

/** Rows that a source of lines may have: their places take 8 bytes each, in every worker. */
export const MAX_LINES = 10_000_000;
/** Size of a file of lines, in bytes: its bytes are kept in memory, in every worker. */
export const MAX_FILE_BYTES: number = 2 ** 31 - 1;
export const MAX_GENERATED_ROWS = 1_000_000;
/** Tokens in one generated text. */
export const MAX_TOKENS = 1_000_000;
/** Rows × tokens of a generator: the texts are kept in memory, in every worker. */
export const MAX_GENERATED_TOKENS = 20_000_000;
const MAX_BATCH = 100_000;
const DEFAULT_GENERATED_ROWS = 1000;

/** Tokens of a generated text. A distribution will be able to stand here too. */
const tokensSchema = z.int().min(1).max(MAX_TOKENS);

const keys = z.strictObject({
  file: z.string().min(1).optional().meta({
    description: 'A file of rows, relative to the scenario. Lines give the field `line`.',
  }),
  format: z.enum(['lines']).optional().meta({
    description:
      'How `file` is read: `lines` is UTF-8 text, a row per line, empty lines left out (default).',
  }),
  inline: z
    .array(z.record(nameSchema, z.json()))
    .min(1)
    .optional()
    .meta({ description: 'The rows themselves, each a map of fields.' }),
  generate: z.enum(['text']).optional().meta({
    description: 'Makes rows from the seed. `text` gives the fields `text` and `tokens`.',
  }),
  tokens: tokensSchema.optional().meta({
    description:
      'Length of each generated text. With `tokenizer` counted by it, its own [CLS], [SEP] and the like included, as a server counts; without, in words.',
  }),
  tokenizer: z.string().min(1).optional().meta({
    description:
      'A tokenizer.json of Hugging Face, or the folder that holds one, relative to the scenario.',
  }),
  rows: z
    .int()
    .min(1)
    .max(MAX_LINES)
    .optional()
    .meta({
      description: `How many rows to use: all of a source by default, ${DEFAULT_GENERATED_ROWS} of a generator.`,
    }),
  skip: z.int().min(0).default(0).meta({ description: 'Rows to leave out at the beginning.' }),
  batch: z.int().min(1).max(MAX_BATCH).default(1).meta({
    description: 'Rows an iteration takes. Above 1 each field is a list of that length.',
  }),
  pick: z.enum(['sequential', 'shuffle']).default('sequential').meta({
    description:
      'The order of rows, the same for any number of workers: as they stand, or every pass over them in an order of its own that the seed decides.',
  }),
  per: z.enum(['iteration']).default('iteration').meta({
    description: 'How long a row is held: a feeder advances once per iteration.',
  }),
});

type Keys = z.output<typeof keys>;

/** Where rows come from; paths are relative to the scenario's folder. */
export type FeederSource =
  | { readonly kind: 'lines'; readonly file: string }
  | { readonly kind: 'inline'; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | { readonly kind: 'text'; readonly tokens: number; readonly tokenizer?: string };

/** A feeder with nothing left open: plain data, opened by `openFeeder`. */
export interface FeederSpec {
  readonly source: FeederSource;
  /** How many rows of the source; all of them when absent. */
  readonly rows?: number;
  readonly skip: number;
  readonly batch: number;
  readonly pick: 'sequential' | 'shuffle';
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

/** The fields of a feeder's rows, known without opening anything. */
export function dataFields({ source }: FeederSpec): readonly string[] {
  if (source.kind === 'lines') return ['line'];
  if (source.kind === 'text') return ['text', 'tokens'];
  return [...new Set(source.rows.flatMap((row) => Object.keys(row)))];
}

interface Misfit {
  readonly key?: keyof Keys;
  readonly message: string;
}

const SOURCES = ['file', 'inline', 'generate'] as const;
/** Keys that mean something beside one source only. */
const BELONGS_TO: readonly (readonly [keyof Keys, (typeof SOURCES)[number]])[] = [
  ['format', 'file'],
  ['tokens', 'generate'],
  ['tokenizer', 'generate'],
];

function misfits(feeder: Keys): readonly Misfit[] {
  const given = SOURCES.filter((source) => feeder[source] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    return [{ message: `needs exactly one of file, inline and generate; it has ${found}` }];
  }
  const strangers = BELONGS_TO.filter(
    ([key, source]) => feeder[key] !== undefined && source !== given[0],
  ).map(([key, source]) => ({ key, message: `means something beside \`${source}\` only` }));
  return [...strangers, ...(feeder.generate === undefined ? [] : generatorMisfits(feeder))];
}

function generatorMisfits({ tokens, rows = DEFAULT_GENERATED_ROWS, skip }: Keys): Misfit[] {
  if (tokens === undefined) return [{ key: 'tokens', message: 'is needed by `generate: text`' }];
  const made = rows + skip;
  if (made > MAX_GENERATED_ROWS) {
    return [{ key: 'rows', message: `a generator makes at most ${MAX_GENERATED_ROWS} rows` }];
  }
  if (made * tokens > MAX_GENERATED_TOKENS) {
    const most = Math.floor(MAX_GENERATED_TOKENS / tokens);
    return [{ key: 'rows', message: `at most ${most} rows of ${tokens} tokens can be made` }];
  }
  return [];
}

function toSpec(feeder: Keys): FeederSpec {
  const { skip, batch, pick } = feeder;
  const isGenerated = feeder.generate !== undefined;
  const rows = feeder.rows ?? (isGenerated ? DEFAULT_GENERATED_ROWS : undefined);
  return { source: toSource(feeder), ...(rows !== undefined && { rows }), skip, batch, pick };
}

function toSource({ file, inline, tokens, tokenizer }: Keys): FeederSource {
  if (file !== undefined) return { kind: 'lines', file };
  if (inline !== undefined) return { kind: 'inline', rows: inline };
  return { kind: 'text', tokens: tokens!, ...(tokenizer !== undefined && { tokenizer }) };
}
